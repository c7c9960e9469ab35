/** Compares two values as the language does: an empty text is also null. */

import { unify } from "./kinds.ts";
import type { Comparison } from "./syntax.ts";
import type { Typed } from "./typed.ts";

/** The comparison of two values; undefined when their kinds have nothing in common. */
export function compareValues(operator: Comparison, left: Typed, right: Typed): Typed | undefined {
  if (operator === "=" || operator === "<>") {
    const isNegated = operator === "<>";
    if (isEmptyText(right) && mayBeEmpty(left)) return { node: "empty", kind: "boolean", operand: left, isNegated };
    if (isEmptyText(left) && mayBeEmpty(right)) return { node: "empty", kind: "boolean", operand: right, isNegated };
  }
  const [unifiedLeft, unifiedRight] = unify([left, right])?.values ?? [];
  if (unifiedLeft === undefined || unifiedRight === undefined) return undefined;
  return { node: "compare", kind: "boolean", operator, left: unifiedLeft, right: unifiedRight };
}

/** True for the literal `''`. */
export function isEmptyText(value: Typed): boolean {
  return value.node === "constant" && value.constant.kind === "text" && value.constant.value === "";
}

function mayBeEmpty({ kind }: Typed): boolean {
  return kind === "text" || kind === "document" || kind === "binary" || kind === "secret";
}
