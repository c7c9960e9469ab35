/** Reads the values of workflow tables into our types. */

import type { VariableValue, Variables } from "./workflow.ts";

/** Plain values of a JSON object; anything nested is left out. */
export function parseVariables(raw: unknown): Variables {
  if (typeof raw !== "object" || raw === null) return {};
  return Object.fromEntries(
    Object.entries(raw).filter(
      (entry): entry is [string, VariableValue] =>
        entry[1] === null || ["string", "number", "boolean"].includes(typeof entry[1]),
    ),
  );
}
