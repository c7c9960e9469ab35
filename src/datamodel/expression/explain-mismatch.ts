/** Says why two values cannot be compared, and how the comparison is written. */

import type { Enumeration } from "#schemas/enumeration.ts";

import { isComparable, kindNames } from "./kinds.ts";
import type { Kind, Typed } from "./typed.ts";

const mostShown = 10;

/** One or two sentences about values that have no kind in common. */
export function explainMismatch(left: Typed, right: Typed): string {
  const sentence = `It compares ${kindNames[left.kind]} with ${kindNames[right.kind]}.`;
  const kinds = [left.kind, right.kind];
  const odd = kinds.find((kind) => !isComparable(kind));
  if (odd !== undefined) return explainOpaque(odd);
  if (!kinds.includes("text")) return sentence;
  const enumeration = enumerationOf(left) ?? enumerationOf(right);
  if (enumeration !== undefined && kinds.includes("integer")) return `${sentence} ${explainEnumeration(enumeration)}`;
  if (kinds.includes("date") || kinds.includes("datetime")) return `${sentence} Write dates as #2021-07-07#.`;
  if (kinds.includes("time")) return `${sentence} Write times as #10:03:33#.`;
  return sentence;
}

function explainOpaque(kind: Kind): string {
  if (kind === "secret") return "Of a secret only can be asked whether it is there: IS NULL, IS NOT NULL.";
  if (kind === "binary") return "Binary data cannot be compared; only IS NULL, IS NOT NULL and dataLength.";
  return "A document cannot be compared; only IS NULL, IS NOT NULL, LIKE and MemoContains.";
}

function explainEnumeration({ values }: Enumeration): string {
  const shown = values.slice(0, mostShown).map(({ name, value }) => `${value} ${name}`);
  return `Write the value, not its name: ${shown.join(", ")}${values.length > mostShown ? ", ..." : ""}.`;
}

function enumerationOf(typed: Typed): Enumeration | undefined {
  if (typed.node !== "attribute") return undefined;
  const { declaration } = typed.path.field;
  return "enumeration" in declaration ? declaration.enumeration : undefined;
}
