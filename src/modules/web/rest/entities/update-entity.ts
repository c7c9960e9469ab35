/** `PATCH /api/v1/recipients/17`: changes what is given, and leaves the rest (RFC 7396). */

import type { RawValue } from "#datamodel/write/entity-input.ts";
import { findField, writtenPath } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import { resourceMissing } from "../errors.ts";
import { readObjectBody } from "../read-body.ts";
import { refuse, refuseFields } from "../refusal.ts";
import type { RestAnswer, RestCall } from "../rest-call.ts";
import { answerWritten } from "./create-entity.ts";
import { readKey, type KeyValue } from "./entity-key.ts";
import { leaveOutComputed } from "./leave-out-computed.ts";
import { refuseParameters } from "./refuse-parameters.ts";
import { withUnchangedRow } from "./unchanged-row.ts";
import { admitWriting, readInputs, writeAll } from "./write-call.ts";

/** Answers the row as it is now. With If-Match only when it is still what the client has seen. */
export async function updateEntity(call: RestCall, schema: Schema, segment: string): Promise<RestAnswer> {
  admitWriting(call, schema);
  refuseParameters(call.query, []);
  const body = await leaveOutComputed(call, schema, segment, readObjectBody(call));
  const [input] = readInputs(call, schema, [body], false);
  const key = await withUnchangedRow(call, schema, readKey(schema, segment), async (found, db) => {
    const values = new Map(input?.values);
    for (const [index, path] of schema.keys[0].attributes.entries()) {
      refuseOtherKey(path, values.get(path), found[index]);
      values.set(path, found[index] ?? null);
    }
    const update = {
      schema: "",
      links: new Map(),
      collections: new Map(),
      ...input,
      values,
      operation: "update",
      key: keyPaths(schema),
    } as const;
    const [written] = await writeAll(call, [update], db);
    if (written?.key === undefined) throw refuse(resourceMissing(), { status: 404 });
    return written.key;
  });
  return answerWritten(call, schema, key, 200);
}

/** The primary key as the writer wants it named. */
export function keyPaths(schema: Schema): string[] {
  return schema.keys[0].attributes.flatMap((path) => {
    const field = findField(schema, path);
    return field === undefined ? [] : [writtenPath(field)];
  });
}

function refuseOtherKey(path: string, given: RawValue | undefined, found: KeyValue | undefined): void {
  if (given !== undefined && String(given) !== String(found))
    throw refuseFields([{ field: path, message: "The key of a row cannot be changed." }]);
}
