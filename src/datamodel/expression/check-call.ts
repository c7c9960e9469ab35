/** Gives a call of an expression its meaning: the function, and operands that fit it. */

import { type check as checkSyntax, fail, type Scope } from "./check-types.ts";
import type { FunctionDeclaration } from "./functions/define-function.ts";
import { findFunction } from "./functions/find-function.ts";
import type { Syntax } from "./syntax.ts";
import type { Typed } from "./typed.ts";

/** @param check for the operands */
export function checkCall(syntax: Syntax & { node: "call" }, scope: Scope, check: typeof checkSyntax): Typed {
  const declaration = findFunction(syntax.name);
  if (declaration === undefined) throw fail(scope, `There is no function ${syntax.name.slice(0, 100)}.`);
  if ("refused" in declaration) throw fail(scope, `${declaration.name} is not available. ${declaration.refused}.`);
  refuseOutOfPlace(declaration, scope);
  const { name, family, usage } = declaration;
  const inner: Scope = {
    ...scope,
    caller: name,
    isWithinAggregate: scope.isWithinAggregate || family === "aggregate",
    isWithinWindow: scope.isWithinWindow || name === "RowNum",
  };
  const checked = declaration.check(syntax.operands.map((operand) => check(operand, inner)));
  if (checked === undefined) throw fail(scope, `${name} is called as ${usage}.`);
  if ("problem" in checked) throw fail(scope, checked.problem);
  return { node: "call", kind: checked.kind, declaration, operands: checked.operands };
}

function refuseOutOfPlace({ name, family, within }: FunctionDeclaration, scope: Scope): void {
  if (within !== undefined && !within.includes(scope.caller ?? ""))
    throw fail(scope, `${name} can only stand in ${within.join(" or ")}.`);
  if (family === "aggregate") {
    if (scope.aggregates === "refused")
      throw fail(scope, `${name} counts over many rows; a condition is checked row by row.`);
    if (scope.isWithinAggregate) throw fail(scope, `${name} cannot stand within another aggregate.`);
  }
  if (family !== "window" || within !== undefined) return;
  if (scope.windows !== "allowed")
    throw fail(scope, `${name} numbers the rows of an answer; it can only be selected, or sorted by.`);
  if (scope.isWithinWindow || scope.isWithinAggregate)
    throw fail(scope, `${name} cannot stand within another window function or aggregate.`);
}
