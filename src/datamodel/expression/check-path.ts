/** Gives a path of an expression its meaning: a field that is stored, or the expression of a computed one. */

import { isPostriderError } from "#foundation/errors.ts";

import { type check as checkSyntax, fail, type Scope } from "./check-types.ts";
import { convert, kindNames, kindOf, kindOfField } from "./kinds.ts";
import { parseExpression } from "./parse-expression.ts";
import type { Syntax } from "./syntax.ts";
import type { Kind, ResolvedPath, Typed } from "./typed.ts";

/** A computed field that is computed from computed fields that ...: more levels than this are a loop, or a mistake. */
const deepestComputed = 10;

/** @param check for the parts of a computed field's expression */
export function checkPath(path: string, scope: Scope, check: typeof checkSyntax): Typed {
  const found = scope.resolvePath(path);
  if ("problem" in found) throw fail(scope, found.problem);
  if (found.field.kind !== "computed") return { node: "attribute", kind: kindOfField(found.field), path: found };
  return checkComputed(path, found, scope, check);
}

function checkComputed(path: string, found: ResolvedPath, scope: Scope, check: typeof checkSyntax): Typed {
  const { field, resolveThere } = found;
  if (field.kind !== "computed" || resolveThere === undefined)
    throw fail(scope, `The field ${path} is computed, which is not possible here.`);
  if (scope.computedDepth >= deepestComputed)
    throw fail(
      scope,
      `The computed field ${path} leads through more than ${deepestComputed} others; they may name each other in a loop.`,
    );
  const { expression } = field.declaration;
  const operand = explaining(path, scope, () =>
    check(parse(expression), {
      ...scope,
      expression,
      resolvePath: resolveThere,
      computedDepth: scope.computedDepth + 1,
    }),
  );
  const kind = kindOf(field.type);
  const adapted = adapt(operand, kind);
  if (adapted === undefined)
    throw fail(
      scope,
      `The computed field ${path} is declared as ${kindNames[kind]} and computes ${kindNames[operand.kind]}.`,
    );
  return { node: "computed", kind, path: found, operand: adapted };
}

function parse(expression: string): Syntax {
  const known = parsed.get(expression);
  if (known !== undefined) return known;
  const syntax = parseExpression(expression);
  if (parsed.size >= mostParsed) parsed.clear();
  parsed.set(expression, syntax);
  return syntax;
}

/** Expressions of schemas are few and come again and again. */
const parsed = new Map<string, Syntax>();
const mostParsed = 1_000;

function adapt(value: Typed, kind: Kind): Typed | undefined {
  if (value.kind === kind) return value;
  const possible: Partial<Record<Kind, readonly Kind[]>> = {
    integer: ["double", "boolean"],
    double: ["integer"],
    boolean: ["integer"],
    date: ["datetime"],
    datetime: ["date"],
  };
  return possible[kind]?.includes(value.kind) === true ? convert(value, kind) : undefined;
}

/** What is wrong with a computed field is said of the expression that names it. */
function explaining<T>(path: string, scope: Scope, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isPostriderError(error) || !error.code.startsWith("XTK-1700") || scope.computedDepth > 0) throw error;
    throw fail(scope, `The computed field ${path} cannot be computed: ${error.message}`);
  }
}
