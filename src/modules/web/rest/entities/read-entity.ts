/** Reads one row, as the caller sees it. */

import { runQuery } from "#datamodel/query-def/run-query.ts";
import type { DataContext } from "#datamodel/viewer.ts";
import { writtenPath } from "#schemas/fields.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import { resourceMissing } from "../errors.ts";
import { refuse } from "../refusal.ts";
import type { RestCall } from "../rest-call.ts";
import { type EntityKey, keyConditions, type KeyValue, keyOfRow } from "./entity-key.ts";
import { reachOf } from "./reach.ts";
import { type JsonRow, rowShape } from "./row-shape.ts";
import { keyFields, selectFields } from "./select-fields.ts";

type ReadingCall = Pick<RestCall, "data" | "names" | "identity">;

/**
 * The row with some of its fields, or with all.
 * @throws resourceMissing when there is none, or none for the caller
 */
export async function readEntity(
  call: ReadingCall,
  schema: Schema,
  key: EntityKey | undefined,
  fields?: string,
): Promise<JsonRow> {
  const found = await readEntityIfThere(call, schema, key, fields);
  if (found === undefined) throw refuse(resourceMissing(), { status: 404 });
  return found;
}

/** The same; undefined when there is no such row for the caller. */
export async function readEntityIfThere(
  call: ReadingCall,
  schema: Schema,
  key: EntityKey | undefined,
  fields?: string,
): Promise<JsonRow | undefined> {
  const reach = reachOf(call.data, call.names, call.identity.scopes);
  const select = selectFields(reach, schema, fields, false);
  return key === undefined ? undefined : readRow(call.data, schema, key, select);
}

/**
 * The primary key of the row that an address names.
 * @throws resourceMissing when there is none, or none for the caller
 */
export async function findPrimaryKey(
  data: DataContext,
  schema: Schema,
  key: EntityKey | undefined,
): Promise<readonly KeyValue[]> {
  const select = keyFields(schema).map((field) => ({ expr: `[${writtenPath(field)}]` }));
  const found = key === undefined ? undefined : await readRow(data, schema, key, select);
  if (found === undefined) throw refuse(resourceMissing(), { status: 404 });
  return keyOfRow(schema, found);
}

async function readRow(
  data: DataContext,
  schema: Schema,
  key: EntityKey,
  select: ReturnType<typeof selectFields>,
): Promise<JsonRow | undefined> {
  const { where, parameters } = keyConditions(key);
  const query = { schema: schemaId(schema), operation: "getIfExists", select, where } as const;
  const result = await runQuery(data, query, { parameters });
  const [row] = result.kind === "rows" ? result.rows : [];
  return row === undefined || result.kind !== "rows" ? undefined : rowShape(result.columns)(row);
}
