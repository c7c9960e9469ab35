/** Finds what an address of the interface leads to, and what may be done there. */

import { mayAccess } from "#datamodel/rights/may-access.ts";
import type { Schema } from "#schemas/schema.ts";

import { apiTokenHandlers, apiTokensHandlers } from "./api-tokens.ts";
import { bulkWrite } from "./entities/bulk-write.ts";
import { collectionHandlers, entityHandlers, type Handlers } from "./entities/entity-handlers.ts";
import { idempotent } from "./idempotency/idempotent.ts";
import { indexHandlers } from "./api-index.ts";
import { callMethod } from "./methods/call-method.ts";
import { type RestMethod, restMethods } from "./methods/rest-methods.ts";
import { openApiHandlers } from "./openapi/openapi-handlers.ts";
import type { Handler, RestCall } from "./rest-call.ts";
import { sessionHandlers } from "./session.ts";

/**
 * What answers at an address.
 * @param segments of the path below /api/v1, as they came, still percent-encoded
 * @returns undefined when there is nothing, or nothing that the caller may see
 */
export function findHandlers(call: RestCall, segments: readonly string[]): Handlers | undefined {
  const [first, second, third, ...more] = segments;
  if (more.length > 0) return undefined;
  if (first === undefined) return indexHandlers;
  if (third === undefined && first === "openapi.json" && second === undefined) return openApiHandlers;
  if (third === undefined && first === "session" && second === undefined) return sessionHandlers;
  if (third === undefined && first === "api-tokens")
    return second === undefined ? apiTokensHandlers : apiTokenHandlers(second);
  return ofEntity(call, first, second, third) ?? ofMethod(call, first, second, third);
}

function ofEntity(call: RestCall, name: string, second?: string, third?: string): Handlers | undefined {
  const schema = findEntity(call, name);
  if (schema === undefined || third !== undefined) return undefined;
  if (second === undefined) return collectionHandlers(schema);
  if (second === "bulk") return { POST: idempotent((bulkCall) => bulkWrite(bulkCall, schema)) };
  const handlers = entityHandlers(schema, second);
  const method = ofMethod(call, name, second, third);
  return method === undefined ? handlers : { ...handlers, ...method };
}

function ofMethod(call: RestCall, name: string, second?: string, third?: string): Handlers | undefined {
  const resource = resourceOf(call, name);
  const [segment, wanted] = third === undefined ? [undefined, second] : [second, third];
  const method = restMethods(call.names).find(
    (known) =>
      known.resource === resource && known.name === wanted && (known.schema === undefined) === (segment === undefined),
  );
  if (method === undefined) return undefined;
  const post: Handler = (methodCall) => callMethod(methodCall, method, segment);
  // What is open to everyone answers session tokens, among others: these are not kept.
  return { POST: method.declaration.access === "anonymous" ? post : idempotent(post) };
}

/** The method at an address that is open to everyone, when there is one. */
export function findOpenMethod(names: RestCall["names"], segments: readonly string[]): RestMethod | undefined {
  const [resource, name, ...more] = segments;
  return restMethods(names).find(
    ({ declaration, ...known }) =>
      more.length === 0 && declaration.access === "anonymous" && known.resource === resource && known.name === name,
  );
}

function findEntity({ names, data }: RestCall, name: string): Schema | undefined {
  const schema = names.find(name.replace(/%3a/i, ":"));
  return schema !== undefined && mayAccess(schema, data.viewer, "read") ? schema : undefined;
}

function resourceOf(call: RestCall, name: string): string {
  const schema = findEntity(call, name);
  return schema === undefined ? name : call.names.nameOf(schema);
}
