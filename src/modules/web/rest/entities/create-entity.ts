/** `POST /api/v1/recipients`: a new row. */

import type { Schema } from "#schemas/schema.ts";

import { answerJson } from "../answer-json.ts";
import { preferenceOf } from "../preference.ts";
import { readObjectBody } from "../read-body.ts";
import type { RestAnswer, RestCall } from "../rest-call.ts";
import { allows } from "../scopes.ts";
import { type KeyValue, readKey, writeKey } from "./entity-key.ts";
import { readEntityIfThere } from "./read-entity.ts";
import { refuseParameters } from "./refuse-parameters.ts";
import { admitWriting, readInputs, writeAll } from "./write-call.ts";

/** Answers 201 with the row's address, and with the row as it was stored unless the client wants no answer. */
export async function createEntity(call: RestCall, schema: Schema): Promise<RestAnswer> {
  admitWriting(call, schema);
  refuseParameters(call.query, []);
  const inputs = readInputs(call, schema, [readObjectBody(call)], false);
  const [written] = await writeAll(
    call,
    inputs.map((input) => ({ ...input, operation: "insert" })),
  );
  return answerWritten(call, schema, written?.key ?? [], 201);
}

/** The row after it was written; 404 cannot be: what one has just written and may not read is answered without it. */
export async function answerWritten(
  call: RestCall,
  schema: Schema,
  key: readonly KeyValue[],
  status: 200 | 201,
): Promise<RestAnswer> {
  const name = call.names.nameOf(schema);
  const headers = status === 201 ? { location: `/api/v1/${name}/${writeKey(key)}` } : {};
  const isUnwanted = preferenceOf(call.request) === "minimal" || !allows(call.identity.scopes, name, "read");
  if (isUnwanted)
    return { status: status === 201 ? 201 : 204, headers: { ...headers, "preference-applied": "return=minimal" } };
  const row = await readEntityIfThere(call, schema, readKey(schema, writeKey(key)));
  return row === undefined
    ? { status: status === 201 ? 201 : 204, headers }
    : answerJson(call, { status, body: row, headers });
}
