/** Looks up every name of an expression and makes sure that its values fit together. */

import type { Schema } from "#schemas/schema.ts";

import { expressionMeaning } from "./errors.ts";
import { findFunction } from "./functions.ts";
import { convert, kindNames, kindOf, unify } from "./kinds.ts";
import { parseDate } from "./parse-date.ts";
import { resolvePath } from "./resolve-path.ts";
import type { Syntax } from "./syntax.ts";
import type { Constant, Kind, ParameterValue, Typed } from "./typed.ts";

export type Meaning = {
  readonly schema: Schema;
  /** Values of `$(name)`. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly aggregates: "allowed" | "refused";
};

type Scope = Meaning & { readonly expression: string; readonly isWithinAggregate: boolean };

/**
 * Gives an expression its meaning over a schema.
 * @throws expressionMeaning naming the field, function, parameter or operator that does not fit
 */
export function checkTypes(expression: string, syntax: Syntax, meaning: Meaning): Typed {
  return check(syntax, { ...meaning, expression, isWithinAggregate: false });
}

function check(syntax: Syntax, scope: Scope): Typed {
  switch (syntax.node) {
    case "text":
      return constant({ kind: "text", value: syntax.value, pattern: syntax.pattern });
    case "number":
      return readNumber(syntax.text, scope);
    case "boolean":
      return constant({ kind: "boolean", value: syntax.value });
    case "date":
      return readDate(syntax.text, scope);
    case "parameter":
      return readParameter(syntax, scope);
    case "path":
      return readPath(syntax.text, scope);
    case "call":
      return readCall(syntax, scope);
    case "negative": {
      const operand = number(check(syntax.operand, scope), "-", scope);
      return { node: "negative", kind: operand.kind, operand };
    }
    case "chain":
      return readChain(syntax, scope);
    case "compare":
      return readComparison(syntax, scope);
    case "in":
      return readIn(syntax, scope);
    case "like": {
      const [operand, pattern] = [check(syntax.operand, scope), check(syntax.pattern, scope)];
      if (operand.kind !== "text" || pattern.kind !== "text")
        throw fail(scope, `LIKE compares texts, not ${kindNames[operand.kind]} with ${kindNames[pattern.kind]}.`);
      if (isEmptyText(pattern)) return { node: "empty", kind: "boolean", operand, isNegated: syntax.isNegated };
      return { node: "like", kind: "boolean", operand, pattern, isNegated: syntax.isNegated };
    }
    case "isNull":
      return { node: "empty", kind: "boolean", operand: check(syntax.operand, scope), isNegated: syntax.isNegated };
    case "not":
      return { node: "not", kind: "boolean", operand: condition(check(syntax.operand, scope), "NOT", scope) };
    case "and":
    case "or":
      return {
        node: syntax.node,
        kind: "boolean",
        operands: syntax.operands.map((operand) => condition(check(operand, scope), syntax.node.toUpperCase(), scope)),
      };
  }
}

function constant(value: Constant): Typed {
  return { node: "constant", kind: value.kind, constant: value };
}

function readNumber(text: string, scope: Scope): Typed {
  const value = Number(text);
  if (/^-?\d+$/.test(text)) {
    if (!Number.isSafeInteger(value)) throw fail(scope, `The number ${text.slice(0, 40)} is too large.`);
    return constant({ kind: "integer", value });
  }
  if (!Number.isFinite(value)) throw fail(scope, `The number ${text.slice(0, 40)} is too large.`);
  return constant({ kind: "double", value });
}

function readDate(text: string, scope: Scope): Typed {
  const date = parseDate(text);
  if (date === undefined)
    throw fail(scope, `#${text.slice(0, 40)}# is no date; write #2021-07-07# or #2021-07-07T10:03:33Z#.`);
  return constant(date);
}

/** `$(name)` has the kind of its value; `$long(name)`, `$date(name)` ... read it as that kind. */
function readParameter(syntax: Syntax & { node: "parameter" }, scope: Scope): Typed {
  const { name, type } = syntax;
  const value = Object.hasOwn(scope.parameters, name) ? scope.parameters[name] : undefined;
  if (value === undefined) throw fail(scope, `The parameter $(${name}) has no value here.`);
  const wanted = type === "" ? "any" : parameterKinds[type];
  if (wanted === undefined) throw fail(scope, `There is no parameter type $${type}(...).`);
  const read = readValue(value, wanted, scope);
  if (read === undefined)
    throw fail(scope, `The value of $${type}(${name}) is not ${wanted === "any" ? "usable" : kindNames[wanted]}.`);
  return constant(read);
}

const parameterKinds: Readonly<Partial<Record<string, Kind>>> = {
  string: "text",
  memo: "text",
  byte: "integer",
  short: "integer",
  long: "integer",
  int64: "integer",
  double: "double",
  float: "double",
  boolean: "boolean",
  date: "date",
  datetime: "datetime",
};

function readValue(value: ParameterValue, wanted: Kind | "any", scope: Scope): Constant | undefined {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return undefined;
    return wanted === "any" || wanted === "datetime"
      ? { kind: "datetime", value: value.toISOString(), hasZone: true }
      : undefined;
  }
  const kind = wanted === "any" ? kindOfValue(value) : wanted;
  switch (kind) {
    case "text": {
      const text = String(value);
      if (text.includes("\0") || !text.isWellFormed())
        throw fail(scope, "A parameter holds a NUL character or half a character.");
      return { kind, value: text, pattern: text.replace(/\\(?![%_\\])/g, "\\\\") };
    }
    case "integer": {
      const number = Number(value);
      return Number.isSafeInteger(number) && String(value).trim() !== "" ? { kind, value: number } : undefined;
    }
    case "double": {
      const number = Number(value);
      return Number.isFinite(number) && String(value).trim() !== "" ? { kind, value: number } : undefined;
    }
    case "boolean":
      if (value === true || value === "true" || value === 1 || value === "1") return { kind, value: true };
      return value === false || value === "false" || value === 0 || value === "0" ? { kind, value: false } : undefined;
    case "date":
    case "datetime": {
      const date = parseDate(String(value));
      return date?.kind === kind ? date : undefined;
    }
  }
}

function kindOfValue(value: string | number | boolean): Kind {
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  return Number.isSafeInteger(value) ? "integer" : "double";
}

function readPath(path: string, scope: Scope): Typed {
  const found = resolvePath(scope.schema, path);
  if ("problem" in found) throw fail(scope, found.problem);
  const kind = kindOf(found.attribute.type);
  if (kind === undefined)
    throw fail(scope, `The field ${path} holds a ${found.attribute.type}, which cannot be compared.`);
  return { node: "attribute", kind, links: found.links, attribute: found.name, column: found.attribute.column };
}

function readCall(syntax: Syntax & { node: "call" }, scope: Scope): Typed {
  const declaration = findFunction(syntax.name);
  if (declaration === undefined) throw fail(scope, `There is no function ${syntax.name}.`);
  const isAggregate = declaration.family === "aggregate";
  if (isAggregate && scope.aggregates === "refused")
    throw fail(scope, `${declaration.name} counts over many rows; a condition is checked row by row.`);
  if (isAggregate && scope.isWithinAggregate)
    throw fail(scope, `${declaration.name} cannot stand within another aggregate.`);
  const inner = isAggregate ? { ...scope, isWithinAggregate: true } : scope;
  const checked = declaration.check(syntax.operands.map((operand) => check(operand, inner)));
  if (checked === undefined) throw fail(scope, `${declaration.name} is called as ${declaration.usage}.`);
  return { node: "call", kind: checked.kind, declaration, operands: checked.operands };
}

function readChain(syntax: Syntax & { node: "chain" }, scope: Scope): Typed {
  const first = check(syntax.first, scope);
  const rest = syntax.rest.map(({ operator, operand }) => ({ operator, operand: check(operand, scope) }));
  const operands = [first, ...rest.map(({ operand }) => operand)];
  if (operands.some(({ kind }) => kind === "text")) {
    const isConcatenation =
      rest.every(({ operator }) => operator === "+") && operands.every(({ kind }) => kind === "text");
    if (!isConcatenation)
      throw fail(scope, "Texts can be joined with + to other texts only; ToString makes a text of a number or date.");
    return { node: "concatenation", kind: "text", operands };
  }
  const numbers = operands.map((operand) => number(operand, "+, -, * and /", scope));
  const isWhole = numbers.every(({ kind }) => kind === "integer") && rest.every(({ operator }) => operator !== "/");
  const kind = isWhole ? "integer" : "double";
  return {
    node: "sum",
    kind,
    first: convert(numbers[0] ?? first, kind),
    rest: rest.map(({ operator }, index) => ({ operator, operand: convert(numbers[index + 1] ?? first, kind) })),
  };
}

function readComparison(syntax: Syntax & { node: "compare" }, scope: Scope): Typed {
  const [left, right] = [check(syntax.left, scope), check(syntax.right, scope)];
  const { operator } = syntax;
  if (operator === "=" || operator === "<>") {
    const isNegated = operator === "<>";
    if (isEmptyText(right) && left.kind === "text") return { node: "empty", kind: "boolean", operand: left, isNegated };
    if (isEmptyText(left) && right.kind === "text")
      return { node: "empty", kind: "boolean", operand: right, isNegated };
  }
  const alike = unify([left, right]);
  const [unifiedLeft, unifiedRight] = alike?.values ?? [];
  if (unifiedLeft === undefined || unifiedRight === undefined)
    throw fail(scope, `It compares ${kindNames[left.kind]} with ${kindNames[right.kind]}.`);
  return { node: "compare", kind: "boolean", operator, left: unifiedLeft, right: unifiedRight };
}

/** An empty text in the list also matches null, as everywhere. */
function readIn(syntax: Syntax & { node: "in" }, scope: Scope): Typed {
  const operand = check(syntax.operand, scope);
  const items = syntax.items.map((item) => check(item, scope));
  if (items.length === 0) throw fail(scope, "The list behind IN is empty.");
  const alike = unify([operand, ...items]);
  const [unifiedOperand, ...unifiedItems] = alike?.values ?? [];
  if (unifiedOperand === undefined)
    throw fail(scope, `The values behind IN must be comparable with ${kindNames[operand.kind]}.`);
  const filled = unifiedItems.filter((item) => !isEmptyText(item));
  const { isNegated } = syntax;
  const parts: Typed[] = [];
  if (filled.length < unifiedItems.length)
    parts.push({ node: "empty", kind: "boolean", operand: unifiedOperand, isNegated });
  if (filled.length > 0) parts.push({ node: "in", kind: "boolean", operand: unifiedOperand, items: filled, isNegated });
  const [only] = parts;
  return parts.length === 1 && only !== undefined
    ? only
    : { node: isNegated ? "and" : "or", kind: "boolean", operands: parts };
}

function isEmptyText(value: Typed): boolean {
  return value.node === "constant" && value.constant.kind === "text" && value.constant.value === "";
}

function number(value: Typed, operator: string, scope: Scope): Typed {
  if (value.kind === "integer" || value.kind === "double") return value;
  throw fail(scope, `${operator} needs numbers, not ${kindNames[value.kind]}.`);
}

function condition(value: Typed, operator: string, scope: Scope): Typed {
  if (value.kind === "boolean") return value;
  throw fail(scope, `${operator} needs conditions, not ${kindNames[value.kind]}.`);
}

function fail({ expression }: Scope, problem: string): Error {
  return expressionMeaning({ expression, problem });
}
