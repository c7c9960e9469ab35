/** `GET /api/v1/openapi.json`: the interface as the caller sees it, described for programs. */

import { mayAccess } from "#datamodel/rights/may-access.ts";
import { forgetOldest } from "#foundation/forget-oldest.ts";
import { schemaId } from "#schemas/schema.ts";

import { answerJson } from "../answer-json.ts";
import { reachOf } from "../entities/reach.ts";
import type { Handlers } from "../entities/entity-handlers.ts";
import { refuseParameters } from "../entities/refuse-parameters.ts";
import type { RestCall } from "../rest-call.ts";

/** Descriptions are large: only the last few are kept, by what they are made from. */
const mostKept = 3;
const kept = new Map<string, string>();

export const openApiHandlers: Handlers = {
  GET: async (call) => {
    refuseParameters(call.query, []);
    const text = await describe(call);
    return answerJson(call, { status: 200, body: text });
  },
};

async function describe({ data, names, identity }: RestCall): Promise<string> {
  const reach = reachOf(data, names, identity.scopes);
  const entities = names.all
    .filter(({ schema }) => reach.sees(schema))
    .map((entity) => ({
      ...entity,
      mayWrite: reach.mayWrite(entity.schema) && mayAccess(entity.schema, data.viewer, "write"),
    }));
  const key = [
    data.schemas.version,
    ...entities.map(({ schema, mayWrite }) => `${schemaId(schema)}${mayWrite ? "!" : ""}`),
  ].join(" ");
  const known = kept.get(key);
  if (known !== undefined) return known;
  const { describeApi } = await import("./describe-api.ts");
  const text = JSON.stringify(describeApi(names, entities, reach));
  kept.set(key, text);
  forgetOldest(kept, mostKept);
  return text;
}
