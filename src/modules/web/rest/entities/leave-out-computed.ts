/** Lets a client send back the row that it read: computed values that are as they were are left out, not refused. */

import { fieldsOf } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import { isJsonObject, type Json, type JsonObject, writeJson } from "../json/json.ts";
import type { RestCall } from "../rest-call.ts";
import { readKey } from "./entity-key.ts";
import { readEntity } from "./read-entity.ts";

/**
 * The object without those computed fields that have the value they have now; reads the row only when there are any.
 * @throws resourceMissing
 */
export async function leaveOutComputed(
  call: RestCall,
  schema: Schema,
  segment: string,
  object: JsonObject,
): Promise<JsonObject> {
  const given = fieldsOf(schema)
    .filter(({ kind }) => kind === "computed")
    .map(({ path }) => path.split("/"))
    .filter((steps) => valueAt(object, steps) !== undefined);
  if (given.length === 0) return object;
  const paths = given.map((steps) => steps.join("/")).join(",");
  const row = await readEntity(call, schema, readKey(schema, segment), paths);
  return given.reduce((left, steps) => {
    const now = steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], row);
    return writeJson(valueAt(left, steps) ?? null) === JSON.stringify(now ?? null) ? without(left, steps) : left;
  }, object);
}

function valueAt(object: JsonObject, [first = "", ...rest]: readonly string[]): Json | undefined {
  const value = object.get(first);
  if (rest.length === 0) return value;
  return isJsonObject(value) ? valueAt(value, rest) : undefined;
}

function without(object: JsonObject, [first = "", ...rest]: readonly string[]): JsonObject {
  const members = [...object].filter(([name]) => name !== first || rest.length > 0);
  return new Map(
    members.map(([name, value]) => [name, name === first && isJsonObject(value) ? without(value, rest) : value]),
  );
}
