/** Selects every field of a schema. */

import { fieldsOf, writtenPath } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import type { SelectNode } from "./query-def.ts";

/** A node for each field that clients may see: attributes, elements as a whole, computed ones. */
export function selectAll(schema: Schema): SelectNode[] {
  return fieldsOf(schema).map((field) => ({ expr: `[${writtenPath(field)}]` }));
}
