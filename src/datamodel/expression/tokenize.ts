/** Splits an expression into its words: paths, literals, parameters, operators. */

import { expressionSyntax, expressionTooLarge } from "./errors.ts";
import { endOfBrackets, endOfName, endOfNumber, endOfPath, isSpace } from "./scan.ts";

export type Token = { readonly at: number } & (
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "path"; readonly text: string }
  | { readonly kind: "text"; readonly value: string; readonly pattern: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "date"; readonly text: string }
  | { readonly kind: "parameter"; readonly type: string; readonly name: string }
  | { readonly kind: "operator"; readonly text: Operator }
  | { readonly kind: "end" }
);

export type Operator = (typeof operators)[number];

const operators = ["<=", ">=", "<>", "!=", "==", "=", "<", ">", "+", "-", "*", "/", "(", ")", ","] as const;

/** Longest expression that is read, in UTF-16 units. */
export const longestExpression = 100_000;
const mostTokens = 25_000;

type Read = { readonly token: Token; readonly end: number };

/**
 * Reads all tokens; the last one is always `end`. Each character is looked at once or twice, whatever it is.
 * @throws expressionSyntax, expressionTooLarge
 */
export function tokenize(expression: string): Token[] {
  if (expression.length > longestExpression)
    throw expressionTooLarge({ problem: `it has more than ${longestExpression} characters` });
  refuseUnstorable(expression);
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    if (isSpace(expression.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const { token, end } = readToken(expression, at);
    if (tokens.push(token) > mostTokens) throw expressionTooLarge({ problem: `it has more than ${mostTokens} words` });
    at = end;
  }
  tokens.push({ kind: "end", at });
  return tokens;
}

/** PostgreSQL cannot store NUL, and half a surrogate pair is no character: both end here, not in the middle of a query. */
function refuseUnstorable(expression: string): void {
  const nul = expression.indexOf("\0");
  if (nul >= 0) throw expressionSyntax({ expression, problem: "it holds a NUL character", at: nul });
  if (!expression.isWellFormed())
    throw expressionSyntax({ expression, problem: "it holds half a character (a lone surrogate)", at: 0 });
}

function readToken(expression: string, at: number): Read {
  const found = readLiteral(expression, at) ?? readName(expression, at);
  if (found !== undefined) return found;
  const operator = operators.find((known) => expression.startsWith(known, at));
  if (operator !== undefined) return { token: { kind: "operator", text: operator, at }, end: at + operator.length };
  throw expressionSyntax({ expression, problem: describe(expression, at), at });
}

function readLiteral(expression: string, at: number): Read | undefined {
  const first = expression[at];
  if (first === "'") return readText(expression, at);
  if (first === "#") return readDate(expression, at);
  if (first === "$") return readParameter(expression, at);
  const end = endOfNumber(expression, at);
  return end === at ? undefined : { token: { kind: "number", text: expression.slice(at, end), at }, end };
}

function readDate(expression: string, at: number): Read | undefined {
  const text = between(expression, at + 1, "#");
  return text === undefined ? undefined : { token: { kind: "date", text: text.trim(), at }, end: at + text.length + 2 };
}

/**
 * `\'` and `\\` are a quote and a backslash; `\%` and `\_` stay as they are written, since they mean the character itself
 * in LIKE. The pattern is the same text for PostgreSQL's LIKE: a backslash that escapes no wildcard is doubled.
 */
function readText(expression: string, at: number): Read | undefined {
  let value = "";
  let pattern = "";
  let plain = at + 1;
  for (let index = plain; index < expression.length; index += 1) {
    const character = expression[index];
    if (character !== "'" && character !== "\\") continue;
    value += expression.slice(plain, index);
    pattern += expression.slice(plain, index);
    if (character === "'") return { token: { kind: "text", value, pattern, at }, end: index + 1 };
    index += 1;
    const escaped = expression[index] ?? "";
    value += escaped === "'" || escaped === "\\" ? escaped : `\\${escaped}`;
    pattern += escaped === "'" ? "'" : `${isWildcard(escaped) ? "\\" : "\\\\"}${escaped}`;
    plain = index + 1;
  }
  return undefined;
}

function isWildcard(character: string): boolean {
  return character === "%" || character === "_" || character === "\\";
}

/** `$(name)`, `$long(name)`. */
function readParameter(expression: string, at: number): Read | undefined {
  const open = endOfName(expression, at + 1);
  if (expression[open] !== "(") return undefined;
  const name = between(expression, open + 1, ")");
  if (name === undefined || name.includes("(")) return undefined;
  const type = expression.slice(at + 1, open).toLowerCase();
  return { token: { kind: "parameter", type, name: name.trim(), at }, end: open + name.length + 2 };
}

function readName(expression: string, at: number): Read | undefined {
  if (expression[at] === "[") {
    const closed = endOfBrackets(expression, at);
    if (closed === undefined) return undefined;
    return { token: { kind: "path", text: expression.slice(at + 1, closed - 1).trim(), at }, end: closed };
  }
  const { end, isWord } = endOfPath(expression, at);
  if (end === at) return undefined;
  return { token: { kind: isWord ? "word" : "path", text: expression.slice(at, end), at }, end };
}

/** The text from a place up to a character, or undefined when it does not follow. */
function between(expression: string, from: number, closing: string): string | undefined {
  const end = expression.indexOf(closing, from);
  return end < 0 ? undefined : expression.slice(from, end);
}

function describe(expression: string, at: number): string {
  const character = String.fromCodePoint(expression.codePointAt(at) ?? 0);
  if (character === "'") return "a text is not closed; end it with ' (a quote within it is written \\')";
  if (character === "[") return "a path is not closed; end it with ]";
  if (character === "#") return "a date is not closed; end it with #";
  if (character === "$") return "a parameter is written $(name)";
  if (character === "%") return "'%' is not expected here; the remainder of a division is Mod(a, b)";
  if (character === "|") return "'|' is not expected here; texts are joined with +";
  if (character === '"') return "'\"' is not expected here; texts stand between '";
  return `'${character}' is not expected here`;
}
