/** Looks up every name of an expression and makes sure that its values fit together. */

import { checkCall } from "./check-call.ts";
import { checkPath } from "./check-path.ts";
import { compareValues, isEmptyText } from "./compare-values.ts";
import { expressionMeaning, expressionTooLarge } from "./errors.ts";
import { explainMismatch } from "./explain-mismatch.ts";
import { convert, kindNames, unify } from "./kinds.ts";
import { parseDate, parseTime } from "./parse-date.ts";
import { parseInteger } from "./parse-integer.ts";
import { kindOfParameter, readParameter } from "./read-parameter.ts";
import type { Syntax } from "./syntax.ts";
import type { Constant, ParameterValue, ResolvePath, Typed } from "./typed.ts";

export type Meaning = {
  readonly resolvePath: ResolvePath;
  /** Values of `$(name)`. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly aggregates: "allowed" | "refused";
  /** Functions that number the rows of an answer; refused when not given. */
  readonly windows?: "allowed" | "refused";
};

/** Where in an expression a value is checked. */
export type Scope = Meaning & {
  readonly expression: string;
  /** The function whose operand this is. */
  readonly caller?: string;
  readonly isWithinAggregate: boolean;
  readonly isWithinWindow: boolean;
  /** How many computed fields lead here. */
  readonly computedDepth: number;
  /** Parts that may still be checked: computed fields can make much of little. */
  readonly budget: { left: number };
};

const mostParts = 50_000;

/**
 * Gives an expression its meaning.
 * @throws expressionMeaning naming the field, function, parameter or operator that does not fit; expressionTooLarge
 */
export function checkTypes(expression: string, syntax: Syntax, meaning: Meaning): Typed {
  return check(syntax, {
    ...meaning,
    expression,
    isWithinAggregate: false,
    isWithinWindow: false,
    computedDepth: 0,
    budget: { left: mostParts },
  });
}

/** Gives one part of an expression its meaning. */
export function check(syntax: Syntax, given: Scope): Typed {
  given.budget.left -= 1;
  if (given.budget.left < 0)
    throw expressionTooLarge({ problem: `with its computed fields it has more than ${mostParts} parts` });
  if (syntax.node === "call") return checkCall(syntax, given, check);
  const scope: Scope = given.caller === undefined ? given : { ...given, caller: "" };
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
      return checkParameter(syntax, scope);
    case "path":
      return checkPath(syntax.text, scope, check);
    case "negative": {
      const operand = number(check(syntax.operand, scope), "-", scope);
      return { node: "negative", kind: operand.kind, operand };
    }
    case "chain":
      return checkChain(syntax, scope);
    case "compare":
      return checkComparison(syntax, scope);
    case "in":
      return checkIn(syntax, scope);
    case "like":
      return checkLike(syntax, scope);
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

/** The error of a part that does not fit. */
export function fail({ expression }: Scope, problem: string): Error {
  return expressionMeaning({ expression, problem });
}

function constant(value: Constant): Typed {
  return { node: "constant", kind: value.kind, constant: value };
}

function readNumber(text: string, scope: Scope): Typed {
  const whole = parseInteger(text);
  if (whole !== undefined) return constant({ kind: "integer", value: whole });
  const value = Number(text);
  if (!/[.eE]/.test(text) || !Number.isFinite(value))
    throw fail(scope, `The number ${text.slice(0, 40)} is too large.`);
  return constant({ kind: "double", value });
}

function readDate(text: string, scope: Scope): Typed {
  const date = parseDate(text) ?? parseTime(text);
  if (date === undefined)
    throw fail(scope, `#${text.slice(0, 40)}# is no date; write #2021-07-07# or #2021-07-07T10:03:33Z#.`);
  return constant(date);
}

/** In sub-queries the name may be a path, to a row of the query around: `$long(../@id)`. */
function checkParameter({ name, type }: Syntax & { node: "parameter" }, scope: Scope): Typed {
  const wanted = kindOfParameter(type);
  const written = `$${type}(${name.slice(0, 100)})`;
  if (wanted === undefined) throw fail(scope, `There is no parameter type $${type.slice(0, 40)}(...).`);
  const value = Object.hasOwn(scope.parameters, name) ? scope.parameters[name] : undefined;
  if (value !== undefined) {
    const read = readParameter(written, value, wanted);
    if ("problem" in read) throw fail(scope, read.problem);
    return constant(read);
  }
  if (!/^(\.\.\/|@|\[)/.test(name)) throw fail(scope, `The parameter ${written} has no value here.`);
  const found = checkPath(name.replace(/^\[(.*)\]$/s, "$1"), scope, check);
  if (wanted === "any" || wanted === found.kind) return found;
  if (found.kind === "integer" && wanted === "double") return convert(found, wanted);
  throw fail(scope, `${written} is ${kindNames[found.kind]}, not ${kindNames[wanted]}.`);
}

function checkChain(syntax: Syntax & { node: "chain" }, scope: Scope): Typed {
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

function checkComparison(syntax: Syntax & { node: "compare" }, scope: Scope): Typed {
  const [left, right] = [check(syntax.left, scope), check(syntax.right, scope)];
  const compared = compareValues(syntax.operator, left, right);
  if (compared === undefined) throw fail(scope, explainMismatch(left, right));
  return compared;
}

/** An empty text in the list also matches null, as everywhere. */
function checkIn(syntax: Syntax & { node: "in" }, scope: Scope): Typed {
  const operand = check(syntax.operand, scope);
  const items = syntax.items.map((item) => check(item, scope));
  if (items.length === 0) throw fail(scope, "The list behind IN is empty.");
  const [unifiedOperand, ...unifiedItems] = unify([operand, ...items])?.values ?? [];
  if (unifiedOperand === undefined) {
    const odd = items.find((item) => unify([operand, item]) === undefined) ?? operand;
    throw fail(scope, explainMismatch(operand, odd));
  }
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

/** Documents are searched as the text that they are. */
function checkLike(syntax: Syntax & { node: "like" }, scope: Scope): Typed {
  const [searched, pattern] = [check(syntax.operand, scope), check(syntax.pattern, scope)];
  const operand = searched.kind === "document" ? convert(searched, "text") : searched;
  if (operand.kind !== "text" || pattern.kind !== "text")
    throw fail(scope, `LIKE compares texts, not ${kindNames[searched.kind]} with ${kindNames[pattern.kind]}.`);
  if (isEmptyText(pattern)) return { node: "empty", kind: "boolean", operand: searched, isNegated: syntax.isNegated };
  return { node: "like", kind: "boolean", operand, pattern, isNegated: syntax.isNegated };
}

/** Conditions count as 0 and 1. */
function number(value: Typed, operator: string, scope: Scope): Typed {
  if (value.kind === "integer" || value.kind === "double") return value;
  if (value.kind === "boolean") return convert(value, "integer");
  throw fail(scope, `${operator} needs numbers, not ${kindNames[value.kind]}.`);
}

function condition(value: Typed, operator: string, scope: Scope): Typed {
  if (value.kind === "boolean") return value;
  throw fail(scope, `${operator} needs conditions, not ${kindNames[value.kind]}.`);
}
