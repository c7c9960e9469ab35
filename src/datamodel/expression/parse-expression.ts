/** Parses Classic's expression language: from loose to tight OR, AND, NOT, comparisons, `+ -`, `* /`. */

import { expressionSyntax, expressionTooLarge } from "./errors.ts";
import type { Comparison, Syntax } from "./syntax.ts";
import { type Operator, type Token, tokenize } from "./tokenize.ts";

const deepest = 100;
/** PostgreSQL parses a sum of terms by recursion, so that its length is bounded; AND and OR are flat. */
const longestChain = 200;

type Reader = {
  readonly expression: string;
  readonly tokens: readonly Token[];
  position: number;
  depth: number;
};

/**
 * Parses a whole expression.
 * @throws expressionSyntax with the place, expressionTooLarge
 */
export function parseExpression(expression: string): Syntax {
  const reader: Reader = { expression, tokens: tokenize(expression), position: 0, depth: 0 };
  const tree = readOr(reader);
  if (peek(reader).kind !== "end") throw unexpected(reader);
  return tree;
}

function readOr(reader: Reader): Syntax {
  return readFlat(reader, "or", () => readFlat(reader, "and", () => readNot(reader)));
}

function readFlat(reader: Reader, word: "and" | "or", readOperand: () => Syntax): Syntax {
  const first = readOperand();
  const operands = [first];
  while (takeWord(reader, word)) operands.push(readOperand());
  return operands.length === 1 ? first : { node: word, operands, at: first.at };
}

function readNot(reader: Reader): Syntax {
  const { at } = peek(reader);
  let isNegated = false;
  let isPresent = false;
  while (takeWord(reader, "not")) {
    isNegated = !isNegated;
    isPresent = true;
  }
  const operand = readComparison(reader);
  if (!isPresent) return operand;
  const once: Syntax = { node: "not", operand, at };
  return isNegated ? once : { node: "not", operand: once, at };
}

const comparisons: Readonly<Partial<Record<Operator, Comparison>>> = {
  "=": "=",
  "==": "=",
  "!=": "<>",
  "<>": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

function readComparison(reader: Reader): Syntax {
  const left = readSum(reader);
  const token = peek(reader);
  const operator = token.kind === "operator" ? comparisons[token.text] : undefined;
  if (operator !== undefined) {
    reader.position += 1;
    return { node: "compare", operator, left, right: readSum(reader), at: left.at };
  }
  if (takeWord(reader, "is")) {
    const isNegated = takeWord(reader, "not");
    if (!takeWord(reader, "null")) throw unexpected(reader, "NULL");
    return { node: "isNull", operand: left, isNegated, at: left.at };
  }
  const isNegated = takeWord(reader, "not");
  if (takeWord(reader, "in")) return { node: "in", operand: left, items: readList(reader), isNegated, at: left.at };
  if (takeWord(reader, "like"))
    return { node: "like", operand: left, pattern: readSum(reader), isNegated, at: left.at };
  if (isNegated) throw unexpected(reader, "IN or LIKE");
  return left;
}

function readSum(reader: Reader): Syntax {
  return readChain(reader, ["+", "-"], () => readChain(reader, ["*", "/"], () => readSigned(reader)));
}

function readChain(reader: Reader, operators: readonly ("+" | "-" | "*" | "/")[], readOperand: () => Syntax): Syntax {
  const first = readOperand();
  const rest: { operator: "+" | "-" | "*" | "/"; operand: Syntax }[] = [];
  for (;;) {
    const token = peek(reader);
    const operator = token.kind === "operator" ? operators.find((known) => known === token.text) : undefined;
    if (operator === undefined) return rest.length === 0 ? first : { node: "chain", first, rest, at: first.at };
    reader.position += 1;
    if (rest.push({ operator, operand: readOperand() }) > longestChain) {
      throw expressionTooLarge({ problem: `more than ${longestChain} terms are joined by ${operators.join(" and ")}` });
    }
  }
}

function readSigned(reader: Reader): Syntax {
  const token = peek(reader);
  if (token.kind !== "operator" || token.text !== "-") return readPrimary(reader);
  reader.position += 1;
  const next = peek(reader);
  if (next.kind === "number") {
    reader.position += 1;
    return { node: "number", text: `-${next.text}`, at: token.at };
  }
  return deeper(reader, () => ({ node: "negative", operand: readSigned(reader), at: token.at }));
}

function readPrimary(reader: Reader): Syntax {
  const token = peek(reader);
  reader.position += 1;
  switch (token.kind) {
    case "text":
      return { node: "text", value: token.value, pattern: token.pattern, at: token.at };
    case "number":
      return { node: "number", text: token.text, at: token.at };
    case "date":
      return { node: "date", text: token.text, at: token.at };
    case "parameter":
      return { node: "parameter", type: token.type, name: token.name, at: token.at };
    case "path":
      return { node: "path", text: token.text, at: token.at };
    case "word":
      return readWord(reader, token);
    case "operator":
    case "end":
      reader.position -= 1;
      if (token.kind === "operator" && token.text === "*")
        throw unexpected(reader, "a value (all rows are counted by CountAll())");
      if (!takeOperator(reader, "(")) throw unexpected(reader, "a value");
      return deeper(reader, () => {
        const inner = readOr(reader);
        if (!takeOperator(reader, ")")) throw unexpected(reader, ")");
        return inner;
      });
  }
}

const reserved = new Set(["and", "or", "not", "in", "like", "is", "null"]);

function readWord(reader: Reader, token: Token & { kind: "word" }): Syntax {
  const name = token.text.toLowerCase();
  if (name === "true" || name === "false") return { node: "boolean", value: name === "true", at: token.at };
  const next = peek(reader);
  const isCall = next.kind === "operator" && next.text === "(";
  if (reserved.has(name)) {
    reader.position -= 1;
    throw unexpected(reader, "a value");
  }
  if (!isCall && name === "rowid") return { node: "call", name: token.text, operands: [], at: token.at };
  if (!isCall) return { node: "path", text: token.text, at: token.at };
  return { node: "call", name: token.text, operands: readList(reader), at: token.at };
}

/** `( a, b, ... )`, possibly empty. */
function readList(reader: Reader): Syntax[] {
  if (!takeOperator(reader, "(")) throw unexpected(reader, "(");
  if (takeOperator(reader, ")")) return [];
  return deeper(reader, () => {
    const items = [readOr(reader)];
    while (takeOperator(reader, ",")) items.push(readOr(reader));
    if (!takeOperator(reader, ")")) throw unexpected(reader, ", or )");
    return items;
  });
}

function deeper<T>(reader: Reader, read: () => T): T {
  reader.depth += 1;
  if (reader.depth > deepest) throw expressionTooLarge({ problem: `it is nested more than ${deepest} levels deep` });
  const result = read();
  reader.depth -= 1;
  return result;
}

function peek(reader: Reader): Token {
  return reader.tokens[reader.position] ?? { kind: "end", at: reader.expression.length };
}

function takeWord(reader: Reader, word: string): boolean {
  const token = peek(reader);
  if (token.kind !== "word" || token.text.toLowerCase() !== word) return false;
  reader.position += 1;
  return true;
}

function takeOperator(reader: Reader, operator: Operator): boolean {
  const token = peek(reader);
  if (token.kind !== "operator" || token.text !== operator) return false;
  reader.position += 1;
  return true;
}

function unexpected(reader: Reader, expected?: string): Error {
  const token = peek(reader);
  const found =
    token.kind === "end"
      ? "it ends too early"
      : `'${reader.expression.slice(token.at, token.at + 20)}' is not expected here`;
  return expressionSyntax({
    expression: reader.expression,
    problem: expected === undefined ? found : `${found}; ${expected} should follow`,
    at: token.at,
  });
}
