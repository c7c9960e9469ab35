/** Writes a field of a table as SQL, whether it has a column or is kept in the row's document. */

import { sql } from "#foundation/sql.ts";

import type { Field } from "#schemas/fields.ts";
import type { DataField } from "#schemas/schema.ts";

import { schemaInconsistent } from "../errors.ts";

import type { Sql } from "./compile-sql.ts";
import { kindOf, sqlTypes } from "./kinds.ts";

/**
 * The value of a stored field or a data field; a computed one is an expression and has none.
 * @param alias how the query calls the table
 */
export function compileField(alias: string, field: Field): Sql {
  switch (field.kind) {
    case "stored":
      return sql.id(alias, field.declaration.column);
    case "data":
      return compileDataField(alias, field.path, field.declaration);
    case "computed":
      throw schemaInconsistent({ schema: field.path, problem: "a computed field has no column" });
  }
}

/** The name stands as a literal, so that the same field is the same SQL in every place of a query. */
function compileDataField(alias: string, path: string, { type, default: value }: DataField): Sql {
  const document = sql.id(alias, "data");
  if (type === "json") return sql`(${document} -> ${sql.lit(path)})`;
  const text = sql`(${document} ->> ${sql.lit(path)})`;
  if (type === "blob") return sql`decode(${text}, 'base64')`;
  const cast = sql.raw(sqlTypes[kindOf(type)]);
  const read = sql`${text}::${cast}`;
  // Rows that were written before the field was there hold nothing for it; where a link leads to no row there is no document.
  return value === undefined || value === "now"
    ? sql`(${read})`
    : sql`coalesce(${read}, case when ${document} is not null then ${sql.lit(String(value))}::${cast} end)`;
}
