/** Finds the column of an attribute. */

import { type Schema, schemaId } from "#schemas/schema.ts";

import { schemaInconsistent } from "./errors.ts";

/**
 * The column of a schema's attribute, internal ones too.
 * @throws schemaInconsistent when there is none
 */
export function columnOf(schema: Schema, attribute: string): string {
  const found = schema.attributes[attribute];
  if (found === undefined)
    throw schemaInconsistent({ schema: schemaId(schema), problem: `it has no attribute ${attribute}` });
  return found.column;
}
