/** `POST /api/v1/recipients/bulk?operation=insertOrUpdate&key=email`: many rows at once, all or nothing. */

import type { EntityInput, Operation, WrittenEntity } from "#datamodel/write/entity-input.ts";
import { findField, writtenPath } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import { preferenceOf } from "../preference.ts";
import { readListBody } from "../read-body.ts";
import { refuseFields } from "../refusal.ts";
import type { RestAnswer, RestCall } from "../rest-call.ts";
import { refuseParameters } from "./refuse-parameters.ts";
import { admitWriting, readInputs, writeAll } from "./write-call.ts";

export const bulkOperations = ["insertOrUpdate", "insert", "update", "delete"] as const satisfies readonly Operation[];

/** Answers for each row its primary key and what was done, in the order of the request. */
export async function bulkWrite(call: RestCall, schema: Schema): Promise<RestAnswer> {
  admitWriting(call, schema);
  refuseParameters(call.query, ["operation", "key"]);
  const operation = readOperation(call.query.get("operation"));
  const key = readKeyPaths(schema, call.query.get("key"));
  const inputs = readInputs(call, schema, readListBody(call), true).map(
    (input): EntityInput => ({ ...input, operation, ...(key === undefined ? {} : { key }) }),
  );
  const written = inputs.length === 0 ? [] : await writeAll(call, inputs);
  const count = written.filter(({ effect }) => effect !== "nothing" && effect !== "found").length;
  const isBrief = preferenceOf(call.request) === "minimal";
  return {
    status: 200,
    body: { written: count, ...(isBrief ? {} : { results: written.map((each) => resultOf(schema, each)) }) },
    ...(isBrief ? { headers: { "preference-applied": "return=minimal" } } : {}),
  };
}

function readOperation(text: string | null): Operation {
  const operation = bulkOperations.find((known) => known === (text ?? "insertOrUpdate"));
  if (operation !== undefined) return operation;
  throw refuseFields([{ field: "operation", message: `It must be one of ${bulkOperations.join(", ")}.` }]);
}

/** Fields that rows are found by, with commas between; the writer chooses a key when none is named. */
function readKeyPaths(schema: Schema, text: string | null): string[] | undefined {
  if (text === null) return undefined;
  const paths = text.split(",").map((path) => path.trim());
  return paths.map((path) => {
    const field = findField(schema, path);
    if (field === undefined || field.kind === "computed" || paths.length > 20)
      throw refuseFields([{ field: "key", message: `Rows cannot be found by '${path.slice(0, 100)}'.` }]);
    return writtenPath(field);
  });
}

function resultOf(schema: Schema, { key, effect }: WrittenEntity): Record<string, unknown> {
  const parts = schema.keys[0].attributes.map((path, index): [string, unknown] => [path, key?.[index]]);
  return { ...(key === undefined ? {} : Object.fromEntries(parts)), effect };
}
