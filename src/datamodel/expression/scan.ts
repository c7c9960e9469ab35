/** Finds where names, paths and numbers of an expression end, character by character. */

/** Blanks, line ends, and the no-break space that comes with pasted text. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0xfeff;
}

/** Behind the name that starts here: letters of ASCII, digits and `_`; the same place when none does. */
export function endOfName(text: string, at: number): number {
  if (!isLetter(text.charCodeAt(at))) return at;
  let end = at + 1;
  while (isLetter(text.charCodeAt(end)) || isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

/** Behind the number that starts here, `12`, `1.5`, `2e-3`, without a sign; the same place when none does. */
export function endOfNumber(text: string, at: number): number {
  const whole = endOfDigits(text, at);
  if (whole === at) return at;
  const fraction = text[whole] === "." ? endOfDigits(text, whole + 1) : whole;
  const end = fraction > whole + 1 ? fraction : whole;
  if (text[end] !== "e" && text[end] !== "E") return end;
  const exponent = text[end + 1] === "+" || text[end + 1] === "-" ? end + 2 : end + 1;
  const behind = endOfDigits(text, exponent);
  return behind > exponent ? behind : end;
}

/**
 * Behind the path that starts here: `@email`, `location/@city`, `../@id`, `group[1]/@label`; the same place when none
 * does. A single name is a word: it may be a keyword or a function.
 */
export function endOfPath(text: string, at: number): { end: number; isWord: boolean } {
  let step = at;
  let end = endOfStep(text, at);
  let isWord = end > at && end === endOfName(text, at);
  // An attribute has nothing below it; a slash that no step follows is a division.
  while (end > step && text[end] === "/" && text[step] !== "@") {
    const next = endOfStep(text, end + 1);
    if (next === end + 1) break;
    step = end + 1;
    end = next;
    isWord = false;
  }
  return { end, isWord };
}

/** Behind the bracket that closes the one that stands here; undefined when none does. */
export function endOfBrackets(text: string, at: number): number | undefined {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    if (text[index] === "[") depth += 1;
    if (text[index] === "]") depth -= 1;
    if (depth === 0) return index + 1;
  }
  return undefined;
}

function endOfStep(text: string, at: number): number {
  if (text.startsWith("../", at)) return at + 2;
  if (text[at] === "@") {
    const end = endOfName(text, at + 1);
    return end === at + 1 ? at : end;
  }
  const end = endOfName(text, at);
  if (end === at || text[end] !== "[") return end;
  const digits = endOfDigits(text, end + 1);
  return digits > end + 1 && text[digits] === "]" ? digits + 1 : end;
}

function endOfDigits(text: string, at: number): number {
  let end = at;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}
