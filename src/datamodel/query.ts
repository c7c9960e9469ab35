/** Selects rows of a schema by an expression. */

import { sql } from "#foundation/sql.ts";

import type { Statements } from "#foundation/database.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import { compileWhere, type WhereOptions } from "./compile-where.ts";
import { schemaInconsistent } from "./errors.ts";
import type { Sql } from "./expression/compile-sql.ts";
import { explainDataError } from "./explain-data-error.ts";
import { countKeys as countKeysOf, readKeys } from "./query-store.ts";

/** A query over one schema, described as data. */
export type KeyQuery = WhereOptions & {
  readonly schema: Schema;
  /** Empty = every row. */
  readonly where: string;
};

/**
 * The primary keys of the rows that meet a condition, in their order.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge, expressionNotComputable
 */
export async function selectKeys(db: Statements, query: KeyQuery): Promise<number[]> {
  return explainDataError(query.where, () => readKeys(db, keyQuery(query)));
}

/** How many rows meet a condition; throws as `selectKeys`. */
export async function countKeys(db: Statements, query: KeyQuery): Promise<number> {
  return explainDataError(query.where, () => countKeysOf(db, keyQuery(query)));
}

/** The SELECT behind `selectKeys`, one column named `key`, for a statement that takes it in. */
export function keyQuery(query: KeyQuery): Sql {
  const { from, where } = compileWhere(query.schema, query.where, query);
  return sql`select ${sql.ref(`${query.alias ?? "t"}.${keyColumn(query.schema)}`)} as key from ${from} where ${where}`;
}

function keyColumn(schema: Schema): string {
  const [name, ...more] = schema.keys[0].attributes;
  const attribute = name === undefined || more.length > 0 ? undefined : schema.attributes[name];
  if (attribute === undefined)
    throw schemaInconsistent({ schema: schemaId(schema), problem: "its key is not one attribute" });
  return attribute.column;
}
