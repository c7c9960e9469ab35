/**
 * Reads a piece of JavaScript between `<%` and `%>` as far as the content needs it: whether it ends where it may be followed by text of
 * the message, how deeply that text is enclosed, and which fields of the recipient it reads. What it means is the engine's affair.
 */

export type CodeScan = {
  /** Classic's way to name attributes, `recipient.@email`, is written as `recipient.email`. */
  readonly code: string;
  readonly problem: CodeProblem | undefined;
  /** Names behind each `recipient`; an empty list where it stands without one. */
  readonly recipientUses: readonly (readonly string[])[];
  /** It ends with a condition, so that the next statement would depend on it. */
  readonly isDangling: boolean;
};

export type CodeProblem = { readonly offset: number; readonly problem: string };

/** What is open at the end of a piece: `(`, `[`, `{`; carried from piece to piece. */
export type Enclosure = string[];

const closers: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const identifier = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const number = /\.?\d(?:[\w.]|(?<=[eE])[+-])*/y;
const blank = /\s+/y;
/** Words that a value follows: a slash behind them begins a regular expression. */
const wordsBeforeValue = new Set(
  "return typeof case in of do else void delete throw new instanceof yield await".split(" "),
);

/**
 * Scans one piece.
 * @param enclosure what is open before it; holds what is open behind it afterwards
 */
export function scanCode(source: string, enclosure: Enclosure): CodeScan {
  const recipientUses: string[][] = [];
  let code = "";
  let at = 0;
  /** Nothing, an operator or a word of the list above: a value comes next. */
  let expectsValue = true;
  let isBehindDot = false;
  /** The last word or sign, and the word before each open round bracket. */
  let last = "";
  let beforeLast = "";
  const words: string[] = [];
  let isDangling = false;
  let problem: CodeProblem | undefined;

  const take = (length: number): string => {
    const text = source.slice(at, at + length);
    code += text;
    at += length;
    return text;
  };
  const stop = (offset: number, text: string): void => {
    problem ??= { offset, problem: text };
    code += source.slice(at);
    at = source.length;
  };
  /** Text of a template literal from behind its backquote or a closing brace. */
  const takeTemplateText = (start: number): void => {
    const end = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)/y;
    end.lastIndex = at;
    const found = end.exec(source);
    if (found === null) return stop(start, "A template literal is not closed before %>.");
    take(found[0].length);
    if (found[1] === "${") enclosure.push("${");
    expectsValue = found[1] === "${";
  };
  const close = (character: string): void => {
    const open = enclosure.pop();
    if (character === "}" && open === "${") {
      take(1);
      return takeTemplateText(at - 1);
    }
    if (open !== closers[character]) return stop(at, `There is no ${closers[character]} for this ${character}.`);
    take(1);
    expectsValue = character === "}";
    isDangling = character === ")" && /^(?:if|for|while)$/.test(words.pop() ?? "");
    return undefined;
  };
  const takeWord = (word: string): void => {
    take(word.length);
    isDangling = !isBehindDot && (word === "else" || word === "do");
    expectsValue = wordsBeforeValue.has(word) && !isBehindDot;
    if (word !== "recipient" || isBehindDot) return;
    const chain = /(?:\s*(?:\?\.|\.)\s*@?[A-Za-z_]\w*|\s*\[\s*(?:'[\w-]+'|"[\w-]+")\s*\])*/y;
    chain.lastIndex = at;
    recipientUses.push([...(chain.exec(source)?.[0] ?? "").matchAll(/[\w-]+/g)].map(([name]) => name));
  };

  const before = enclosure.length;
  while (at < source.length) {
    const start = at;
    const character = source[at] ?? "";
    const space = match(blank, source, at);
    if (space !== "") {
      take(space.length);
      continue;
    }
    const word = match(identifier, source, at);
    if (!source.startsWith("//", at) && !source.startsWith("/*", at)) isDangling = false;
    if (source.startsWith("//", at)) take(match(lineComment, source, at).length);
    else if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2);
      if (end < 0) stop(at, "A comment is not closed before %>.");
      else take(end + 2 - at);
      continue;
    } else if (word !== "") takeWord(word);
    else if (character === '"' || character === "'") {
      const text = match(character === '"' ? doubleQuoted : singleQuoted, source, at);
      if (text === "") stop(at, "A text in quotes is not closed.");
      take(text.length);
      expectsValue = false;
    } else if (character === "`") {
      take(1);
      takeTemplateText(start);
    } else if (match(number, source, at) !== "") {
      take(match(number, source, at).length);
      expectsValue = false;
    } else if (character === "/" && expectsValue) {
      const expression = match(regularExpression, source, at);
      if (expression === "") stop(at, "A regular expression is not closed.");
      take(expression.length);
      expectsValue = false;
    } else if (character in closers) close(character);
    else if (character === "(" || character === "[" || character === "{") {
      enclosure.push(character);
      // `} while (...)` ends a loop.
      if (character === "(") words.push(last === "while" && beforeLast === "}" ? "" : last);
      take(1);
      expectsValue = true;
    } else if (character === "@" && isBehindDot) {
      at += 1;
      continue;
    } else if (source.startsWith("++", at) || source.startsWith("--", at)) take(2);
    else if (source.startsWith("...", at)) {
      take(3);
      expectsValue = true;
    } else {
      take(1);
      expectsValue = true;
    }
    isBehindDot = character === "." && at === start + 1;
    if (!source.startsWith("//", start)) {
      beforeLast = last;
      last = word === "" ? character : word;
    }
  }
  const openTemplate = enclosure.lastIndexOf("${");
  if (openTemplate >= before) problem ??= { offset: 0, problem: "A template literal is not closed before %>." };
  return { code, problem, recipientUses, isDangling };
}

const lineComment = /[^\r\n\u2028\u2029]*/y;
const doubleQuoted = /"(?:[^"\\\r\n]|\\(?:\r\n|[\s\S]))*"/y;
const singleQuoted = /'(?:[^'\\\r\n]|\\(?:\r\n|[\s\S]))*'/y;
const regularExpression = /\/(?![*/])(?:[^\\/[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+\/\w*/y;

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}
