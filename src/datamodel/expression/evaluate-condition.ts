/** Decides a condition that stands apart from any row, such as `hasNamedRight('admin') = false or $(login) = 'ana'`. */

import { unreachable } from "#foundation/errors.ts";

import { checkTypes } from "./check-types.ts";
import { expressionMeaning } from "./errors.ts";
import { kindNames } from "./kinds.ts";
import { parseExpression } from "./parse-expression.ts";
import type { Comparison } from "./syntax.ts";
import type { Constant, ParameterValue, Typed } from "./typed.ts";

/** What such a condition can ask. */
export type Facts = {
  /** Values of `$(name)`. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly hasRight: (name: string) => boolean;
};

type Value = string | number | bigint | boolean;

/**
 * Decides a condition over constants, parameters and the viewer's rights.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge; fields and other functions have no meaning here
 */
export function evaluateCondition(expression: string, facts: Facts): boolean {
  const typed = checkTypes(expression, parseExpression(expression), {
    resolvePath: () => ({ problem: "It is decided apart from any row: there are no fields here." }),
    parameters: facts.parameters,
    aggregates: "refused",
  });
  if (typed.kind !== "boolean")
    throw expressionMeaning({ expression, problem: `It is ${kindNames[typed.kind]}, not a condition.` });
  return evaluate(typed, { ...facts, expression }) === true;
}

function evaluate(typed: Typed, facts: Facts & { readonly expression: string }): Value {
  const of = (part: Typed): Value => evaluate(part, facts);
  switch (typed.node) {
    case "constant":
      return valueOf(typed.constant);
    case "call":
      return callOf(typed, facts);
    case "cast":
      return typed.kind === "double" ? Number(of(typed.operand)) : castOf(of(typed.operand), typed.kind);
    case "compare":
      return compare(typed.operator, of(typed.left), of(typed.right));
    case "in":
      return typed.items.some((item) => compare("=", of(typed.operand), of(item))) !== typed.isNegated;
    case "empty":
      return (of(typed.operand) === "") !== typed.isNegated;
    case "not":
      return of(typed.operand) !== true;
    case "and":
      return typed.operands.every((operand) => of(operand) === true);
    case "or":
      return typed.operands.some((operand) => of(operand) === true);
    case "attribute":
    case "computed":
    case "negative":
    case "sum":
    case "concatenation":
    case "like":
      throw expressionMeaning({
        expression: facts.expression,
        problem: "Apart from any row only values and the operator's rights are compared.",
      });
    default:
      return unreachable(typed);
  }
}

function valueOf(constant: Constant): Value {
  if (constant.kind === "datetime") return new Date(constant.hasZone ? constant.value : `${constant.value}Z`).getTime();
  return constant.value;
}

function callOf(
  typed: Typed & { node: "call" },
  { expression, hasRight }: Facts & { readonly expression: string },
): Value {
  const [operand] = typed.operands;
  if (typed.declaration.name === "hasNamedRight" && operand?.node === "constant")
    return hasRight(String(operand.constant.value));
  throw expressionMeaning({
    expression,
    problem: `${typed.declaration.name} is computed by the database; apart from any row only hasNamedRight can be asked.`,
  });
}

function castOf(value: Value, kind: Typed["kind"]): Value {
  if (kind === "boolean") return value !== 0 && value !== 0n && value !== false;
  return kind === "integer" ? Number(value) : value;
}

function compare(operator: Comparison, left: Value, right: Value): boolean {
  switch (operator) {
    case "=":
      return left === right || (typeof left === "bigint" && left.toString() === String(right));
    case "<>":
      return !compare("=", left, right);
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}
