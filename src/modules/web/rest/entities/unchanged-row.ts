/** Changes one row, with If-Match only when nobody has changed it since the client read it. */

import type { Database, Statements } from "#foundation/database.ts";
import type { Schema } from "#schemas/schema.ts";

import { etagOf, matchesEtag } from "../answer-json.ts";
import { preconditionFailed } from "../errors.ts";
import { refuse } from "../refusal.ts";
import type { RestCall } from "../rest-call.ts";
import { type EntityKey, type KeyValue, readKey, writeKey } from "./entity-key.ts";
import { lockRow } from "./lock-row-store.ts";
import { findPrimaryKey, readEntity } from "./read-entity.ts";

/**
 * Finds the row and changes it. A condition is judged on the locked row, in the transaction of the change.
 * @param change is handed the primary key, and the database to write to
 * @throws resourceMissing, preconditionFailed, and what the change throws
 */
export async function withUnchangedRow<T>(
  call: RestCall,
  schema: Schema,
  key: EntityKey | undefined,
  change: (found: readonly KeyValue[], db: Database) => Promise<T>,
): Promise<T> {
  const { db } = call.context;
  const found = await findPrimaryKey(call.data, schema, key);
  const condition = call.request.headers["if-match"];
  if (condition === undefined) return change(found, db);
  return db.transaction(async (tx) => {
    await lockRow(tx, schema, found);
    const row = await readEntity({ ...call, data: { ...call.data, db: tx } }, schema, readKey(schema, writeKey(found)));
    if (!matchesEtag(condition, etagOf(JSON.stringify(row)))) throw refuse(preconditionFailed(), { status: 412 });
    return change(found, within(db, tx));
  });
}

/** The database, for work that opens a transaction of its own and is to run in this one. */
function within(db: Database, tx: Statements): Database {
  return { ...db, ...tx, transaction: (work) => work(tx) };
}
