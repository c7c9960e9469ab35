/** Hands out ids before their rows are written. */

import type { Statements } from "#foundation/database.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { tooLarge, unknownSequence } from "./errors.ts";
import { planOf, type SchemaPlan } from "./schema-plan.ts";

/** The sequence of all ids that no table's own sequence can hand out. */
export const globalSequence = "xtk_new_id";
const mostIds = 100_000;

/**
 * Takes ids from a sequence: a table's own, named as Classic does (`NmsRecipientId`), else the global one (`XtkNewId`).
 * @throws unknownSequence, tooLarge
 */
export async function reserveIds(
  db: Statements,
  schemas: SchemaSet,
  sequenceName: string,
  count: number,
): Promise<number[]> {
  if (!Number.isInteger(count) || count < 1 || count > mostIds)
    throw tooLarge({ problem: `ids are handed out 1 to ${mostIds} at a time` });
  if (!/^[A-Za-z]\w{0,99}$/.test(sequenceName)) throw unknownSequence({ sequence: sequenceName });
  const schema = schemas
    .all()
    .find((one) => one.isHidden !== true && classicSequence(one) === sequenceName.toLowerCase());
  const plan = schema === undefined ? undefined : planOf(schema);
  return takeIds(db, plan?.sequenced === undefined ? globalSequence : sequenceOf(plan), count);
}

/** The next ids of a schema's table. */
export function takeIdsOf(db: Statements, plan: SchemaPlan, count: number): Promise<number[]> {
  return takeIds(db, sequenceOf(plan), count);
}

/** The name of the sequence behind a table's key. */
export function sequenceOf({ schema, sequenced }: SchemaPlan): string {
  const column = schema.attributes[sequenced ?? ""]?.column ?? "";
  return `${schema.table}_${column}_seq`;
}

/** `nmsrecipientid`. */
function classicSequence(schema: Schema): string {
  return `${schemaId(schema).replace(":", "")}id`.toLowerCase();
}

function takeIds(db: Statements, sequence: string, count: number): Promise<number[]> {
  return db.rows((row) => Number((row as { id: unknown }).id))`
    select nextval(${`public.${sequence}`}::text::regclass) as id from generate_series(1, ${count}::integer)`;
}
