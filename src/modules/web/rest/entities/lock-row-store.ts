/** The statement that keeps others from changing a row while it is judged. */

import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import type { Schema } from "#schemas/schema.ts";

import type { KeyValue } from "./entity-key.ts";

/** Locks a row by its primary key until the transaction ends; nothing happens when it is gone. */
export async function lockRow(tx: Statements, schema: Schema, key: readonly KeyValue[]): Promise<void> {
  const columns = schema.keys[0].attributes.map((path) => schema.attributes[path]?.column ?? path);
  const conditions = columns.map((column, index) => sql`${sql.id(column)} = ${key[index]}`);
  await tx.run`select 1 from ${sql.table(schema.table)} where ${sql.join(conditions, sql.raw(" and "))} for update`;
}
