/**
 * Writes header lines. Whatever the text holds, one call makes one header: line breaks and controls become spaces, other scripts become
 * encoded words, and long lines are folded.
 */

/** RFC 5322 asks for lines of 78 characters; an encoded word has at most 75. */
const softLimit = 76;
const longestEncodedWord = 75;
/** A word without a space cannot be folded: a longer one is encoded, far below the hard limit of 998. Nor can a long run of spaces. */
const longestPlainWord = 200;
const longestRun = / {40}/;

/**
 * A header of free text, such as Subject.
 * @param name a header name, trusted
 * @returns one or more lines with CRLF at the end; decoding gives the text back, its line breaks and controls as spaces
 * @source RFC 5322 section 2.2.3, RFC 2047
 */
export function formatTextHeader(name: string, text: string): string {
  const clean = cleanText(text);
  const body = isPlain(clean) ? foldWords(name.length + 2, clean) : foldEncodedWords(name.length + 2, clean);
  return `${name}: ${body}\r\n`;
}

/**
 * A header of addresses and tokens, such as List-Unsubscribe: its words are read by programs and never become encoded words.
 * Text that cannot stand in such a header, and words longer than a line may be, leave it.
 * @returns undefined when nothing is left
 * @source RFC 2047 section 5: no encoded word within an address or a token
 */
export function formatStructuredHeader(name: string, text: string): string | undefined {
  const words = cleanText(text)
    .replace(/[^\x20-\x7e]/gu, "")
    .split(/ +/)
    .filter((word) => word !== "" && word.length <= longestToken);
  return words.length === 0 ? undefined : `${name}: ${foldWords(name.length + 2, words.join(" "))}\r\n`;
}

/** The hard limit of a line is 998 characters. */
const longestToken = 900;

/**
 * A header with one mailbox, such as From.
 * @param address already known to be a mail address (`isMailAddress`)
 * @source RFC 5322 section 3.4
 */
export function formatMailboxHeader(
  name: string,
  mailbox: { readonly name: string; readonly address: string },
): string {
  const display = cleanText(mailbox.name);
  if (display === "") return `${name}: ${mailbox.address}\r\n`;
  const phrase = formatPhrase(name.length + 2, display);
  const lastLine = phrase.slice(phrase.lastIndexOf("\n") + 1);
  const column = lastLine.length + (phrase.includes("\n") ? 0 : name.length + 2);
  const gap = column + mailbox.address.length + 3 > softLimit ? "\r\n " : " ";
  return `${name}: ${phrase}${gap}<${mailbox.address}>\r\n`;
}

/** Line breaks, controls and separators of lines become single spaces; halves of surrogate pairs become the replacement character. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\ufdd0-\ufdef]+/gu, " ")
    .trim();
}

/** `=?` would be read as an encoded word; a lone long word, or a long run of spaces, could not be folded. */
function isPlain(text: string): boolean {
  return (
    /^[\x20-\x7e]*$/.test(text) &&
    !text.includes("=?") &&
    !longestRun.test(text) &&
    !text.split(" ").some((word) => word.length > longestPlainWord)
  );
}

function formatPhrase(column: number, text: string): string {
  if (!isPlain(text)) return foldEncodedWords(column, text);
  if (/^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+( [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/.test(text))
    return foldWords(column, text);
  const quoted = `"${text.replace(/["\\]/g, "\\$&")}"`;
  return column + quoted.length <= softLimit ? quoted : foldEncodedWords(column, text);
}

/** Breaks lines before spaces, which stay where they are: unfolding gives the same text. */
function foldWords(startColumn: number, text: string): string {
  let folded = "";
  let column = startColumn;
  for (const word of text.match(/ *[^ ]+/g) ?? []) {
    if (folded !== "" && column + word.length > softLimit) {
      folded += "\r\n";
      column = 0;
    }
    folded += word;
    column += word.length;
  }
  return folded;
}

/** Encoded words on lines of their own where needed; the blanks between two of them vanish when they are read. */
function foldEncodedWords(startColumn: number, text: string): string {
  const isMostlyAscii = (text.match(/[A-Za-z0-9 ]/g) ?? []).length * 2 > text.length;
  const encode = isMostlyAscii ? encodeQ : encodeB;
  const words: string[] = [];
  let held = "";
  let room = Math.min(longestEncodedWord, softLimit - startColumn);
  // A character is never cut in two: each encoded word must be whole by itself.
  for (const character of text) {
    if (held !== "" && encode(held + character).length > room) {
      words.push(encode(held));
      held = "";
      room = longestEncodedWord;
    }
    held += character;
  }
  words.push(encode(held));
  return words.join("\r\n ");
}

function encodeB(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

/** Only what may stand in a phrase too is left as it is. */
function encodeQ(text: string): string {
  const encoded = text.replace(/[^A-Za-z0-9!*+\-/]/gu, (character) =>
    character === " "
      ? "_"
      : Buffer.from(character).reduce((all, byte) => `${all}=${byte.toString(16).toUpperCase().padStart(2, "0")}`, ""),
  );
  return `=?UTF-8?Q?${encoded}?=`;
}
