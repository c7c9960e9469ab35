/** Splits an expression into its words: paths, literals, parameters, operators. */

import { expressionSyntax, expressionTooLarge } from "./errors.ts";

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

const space = /\s+/y;
const word = /[A-Za-z_]\w*/y;
const attribute = /@[A-Za-z_]\w*/y;
// A path without brackets: names joined by slashes. `/` directly behind a name that stands for nothing else is a step.
const path = /[A-Za-z_]\w*(?:\/[A-Za-z_]\w*)*\/@?[A-Za-z_]\w*/y;
const bracketed = /\[([^\]]*)\]/y;
const quoted = /'((?:[^'\\]|\\.)*)'/sy;
const decimal = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const dated = /#([^#]*)#/y;
const parameter = /\$([A-Za-z]\w*)?\(([^()]*)\)/y;

/**
 * Reads all tokens; the last one is always `end`.
 * @throws expressionSyntax, expressionTooLarge
 */
export function tokenize(expression: string): Token[] {
  if (expression.length > longestExpression)
    throw expressionTooLarge({ problem: `it has more than ${longestExpression} characters` });
  refuseUnstorable(expression);
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    const blank = match(space, expression, at);
    if (blank !== undefined) {
      at += blank[0].length;
      continue;
    }
    const { token, length } = readToken(expression, at);
    if (tokens.push(token) > mostTokens) throw expressionTooLarge({ problem: `it has more than ${mostTokens} words` });
    at += length;
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

function readToken(expression: string, at: number): { token: Token; length: number } {
  const found = readLiteral(expression, at) ?? readName(expression, at);
  if (found !== undefined) return found;
  const operator = operators.find((known) => expression.startsWith(known, at));
  if (operator !== undefined) return { token: { kind: "operator", text: operator, at }, length: operator.length };
  throw expressionSyntax({ expression, problem: describe(expression, at), at });
}

function readLiteral(expression: string, at: number): { token: Token; length: number } | undefined {
  const text = match(quoted, expression, at);
  if (text !== undefined) return { token: { kind: "text", ...readText(text[1] ?? ""), at }, length: text[0].length };
  const number = match(decimal, expression, at);
  if (number !== undefined) return { token: { kind: "number", text: number[0], at }, length: number[0].length };
  const date = match(dated, expression, at);
  if (date !== undefined) return { token: { kind: "date", text: (date[1] ?? "").trim(), at }, length: date[0].length };
  const given = match(parameter, expression, at);
  if (given === undefined) return undefined;
  return {
    token: { kind: "parameter", type: (given[1] ?? "").toLowerCase(), name: (given[2] ?? "").trim(), at },
    length: given[0].length,
  };
}

function readName(expression: string, at: number): { token: Token; length: number } | undefined {
  const inBrackets = match(bracketed, expression, at);
  if (inBrackets !== undefined)
    return { token: { kind: "path", text: (inBrackets[1] ?? "").trim(), at }, length: inBrackets[0].length };
  const plain = match(attribute, expression, at) ?? match(path, expression, at);
  if (plain !== undefined) return { token: { kind: "path", text: plain[0], at }, length: plain[0].length };
  const name = match(word, expression, at);
  return name === undefined ? undefined : { token: { kind: "word", text: name[0], at }, length: name[0].length };
}

/**
 * `\'` and `\\` are a quote and a backslash; `\%` and `\_` stay as they are written, since they mean the character itself
 * in LIKE. The pattern is the same text for PostgreSQL's LIKE: a backslash that escapes no wildcard is doubled.
 */
function readText(raw: string): { value: string; pattern: string } {
  return {
    value: raw.replace(/\\(['\\])/g, "$1"),
    pattern: raw.replace(/\\(.)|\\/gs, (_, escaped: string | undefined) => {
      if (escaped === "'") return "'";
      return escaped === "%" || escaped === "_" || escaped === "\\" ? `\\${escaped}` : `\\\\${escaped ?? ""}`;
    }),
  };
}

function describe(expression: string, at: number): string {
  const character = String.fromCodePoint(expression.codePointAt(at) ?? 0);
  if (character === "'") return "a text is not closed; end it with ' (a quote within it is written \\')";
  if (character === "[") return "a path is not closed; end it with ]";
  if (character === "#") return "a date is not closed; end it with #";
  if (character === "$") return "a parameter is written $(name)";
  return `'${character}' is not expected here`;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
