/** What can be done with one entity and its rows, by the shape of the address and the method. */

import type { Schema } from "#schemas/schema.ts";

import { answerJson } from "../answer-json.ts";
import { idempotent } from "../idempotency/idempotent.ts";
import type { Handler, RestAnswer, RestCall } from "../rest-call.ts";
import { requireScope } from "../scopes.ts";
import { createEntity } from "./create-entity.ts";
import { deleteEntity } from "./delete-entity.ts";
import { readKey } from "./entity-key.ts";
import { listEntities } from "./list-entities.ts";
import { readEntity } from "./read-entity.ts";
import { refuseParameters } from "./refuse-parameters.ts";
import { updateEntity } from "./update-entity.ts";

export type Handlers = Readonly<Partial<Record<"GET" | "POST" | "PATCH" | "DELETE", Handler>>>;

/** `/api/v1/recipients`. */
export function collectionHandlers(schema: Schema): Handlers {
  return {
    GET: async (call) => {
      requireRead(call, schema);
      return answerJson(call, await listEntities(call, schema));
    },
    POST: idempotent((call) => createEntity(call, schema)),
  };
}

/** `/api/v1/recipients/17`. */
export function entityHandlers(schema: Schema, segment: string): Handlers {
  return {
    GET: async (call) => answerJson(call, await getEntity(call, schema, segment)),
    PATCH: (call) => updateEntity(call, schema, segment),
    DELETE: (call) => deleteEntity(call, schema, segment),
  };
}

async function getEntity(call: RestCall, schema: Schema, segment: string): Promise<RestAnswer> {
  requireRead(call, schema);
  refuseParameters(call.query, ["fields"]);
  const row = await readEntity(call, schema, readKey(schema, segment), call.query.get("fields") ?? undefined);
  return { status: 200, body: row };
}

function requireRead({ identity, names }: RestCall, schema: Schema): void {
  requireScope(identity.scopes, names.nameOf(schema), "read");
}
