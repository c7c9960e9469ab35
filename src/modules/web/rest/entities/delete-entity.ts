/** `DELETE /api/v1/recipients/17`. */

import { type Schema, schemaId } from "#schemas/schema.ts";

import { resourceMissing } from "../errors.ts";
import { refuse } from "../refusal.ts";
import type { RestAnswer, RestCall } from "../rest-call.ts";
import { readKey } from "./entity-key.ts";
import { refuseParameters } from "./refuse-parameters.ts";
import { withUnchangedRow } from "./unchanged-row.ts";
import { keyPaths } from "./update-entity.ts";
import { admitWriting, writeAll } from "./write-call.ts";

/** Answers 204. With If-Match only when the row is still what the client has seen. */
export async function deleteEntity(call: RestCall, schema: Schema, segment: string): Promise<RestAnswer> {
  admitWriting(call, schema);
  refuseParameters(call.query, []);
  await withUnchangedRow(call, schema, readKey(schema, segment), async (found, db) => {
    const values = new Map(schema.keys[0].attributes.map((path, index) => [path, found[index] ?? null]));
    const input = {
      schema: schemaId(schema),
      operation: "delete",
      key: keyPaths(schema),
      values,
      links: new Map(),
      collections: new Map(),
    } as const;
    const [written] = await writeAll(call, [input], db);
    if (written?.effect !== "deleted") throw refuse(resourceMissing(), { status: 404 });
  });
  return { status: 204 };
}
