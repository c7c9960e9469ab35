/** The enumerations that a schema declares, each once. */

import type { Enumeration } from "./enumeration.ts";
import { fieldsOf } from "./fields.ts";
import type { Schema } from "./schema.ts";

/** In the order of the fields that have them; two fields with the same values share one enumeration. */
export function enumerationsOf(schema: Schema): readonly Enumeration[] {
  const byName = new Map<string, Enumeration>();
  for (const { declaration } of fieldsOf(schema))
    if (declaration.enumeration !== undefined) byName.set(declaration.enumeration.name, declaration.enumeration);
  return [...byName.values()];
}
