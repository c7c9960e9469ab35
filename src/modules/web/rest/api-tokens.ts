/** `/api/v1/api-tokens`: an operator makes, lists and revokes tokens for his programs. Only someone logged on may. */

import type { ApiTokenEntry } from "#campaign/access/api-tokens/api-token.ts";
import { createApiToken } from "#campaign/access/api-tokens/create-api-token.ts";
import { listAllApiTokens, listApiTokens } from "#campaign/access/api-tokens/list-api-tokens.ts";
import { revokeApiToken } from "#campaign/access/api-tokens/revoke-api-token.ts";
import { hasRight } from "#campaign/access/operator.ts";

import type { Handlers } from "./entities/entity-handlers.ts";
import { refuseParameters } from "./entities/refuse-parameters.ts";
import { resourceMissing, tokenNotEnough } from "./errors.ts";
import type { JsonObject } from "./json/json.ts";
import { readObjectBody } from "./read-body.ts";
import { type FieldError, refuse, refuseFields } from "./refusal.ts";
import type { RestAnswer, RestCall } from "./rest-call.ts";
import { scopePattern } from "./scopes.ts";

export const apiTokensHandlers: Handlers = {
  GET: async (call) => {
    requireSession(call);
    refuseParameters(call.query, ["all"]);
    const { operator } = call.identity.caller;
    const isForAll = call.query.get("all") === "true" && hasRight(operator, "admin");
    const tokens = isForAll ? await listAllApiTokens(call.context) : await listApiTokens(call.context, operator);
    return { status: 200, body: { items: tokens.map(describeToken) } };
  },
  POST: makeToken,
};

/** One token; `segment` is its id. */
export function apiTokenHandlers(segment: string): Handlers {
  return {
    DELETE: async (call) => {
      requireSession(call);
      refuseParameters(call.query, []);
      const id = /^\d{1,15}$/.test(segment) ? Number(segment) : undefined;
      const isRevoked = id !== undefined && (await revokeApiToken(call.context, call.identity.caller.operator, id));
      if (!isRevoked) throw refuse(resourceMissing(), { status: 404 });
      return { status: 204 };
    },
  };
}

/** No idempotency here: a kept answer would keep the secret. */
async function makeToken(call: RestCall): Promise<RestAnswer> {
  requireSession(call);
  refuseParameters(call.query, []);
  const wanted = readWanted(readObjectBody(call), call.context.clock.now());
  const { operator } = call.identity.caller;
  const made = await createApiToken(call.context, { operator, ...wanted, address: call.request.client.address });
  const { label, scopes, expires } = wanted;
  return {
    status: 201,
    headers: { location: `/api/v1/api-tokens/${made.tokenId}` },
    body: { id: made.tokenId, label, scopes, expires: expires?.toISOString() ?? null, token: made.text },
  };
}

type Wanted = { label: string; scopes: readonly string[]; expires?: Date };

function readWanted(given: JsonObject, now: Date): Wanted {
  const errors: FieldError[] = [];
  for (const name of given.keys())
    if (!["label", "scopes", "expires"].includes(name))
      errors.push({ field: name.slice(0, 100), message: "There is no field of this name." });
  const label = given.get("label");
  if (typeof label !== "string" || label.trim() === "" || label.length > 200)
    errors.push({ field: "label", message: "It must be a text of 1 to 200 characters: what the token is for." });
  const scopes = readScopeWords(given.get("scopes"));
  if (scopes === undefined)
    errors.push({
      field: "scopes",
      message: "It must be a list of scopes, such as read, write, methods, recipients:write or *.",
    });
  const expires = readMoment(given.get("expires"));
  if (expires === undefined || (expires !== null && expires <= now))
    errors.push({ field: "expires", message: "It must be a moment to come, such as 2030-01-31T00:00:00Z, or null." });
  if (errors.length > 0) throw refuseFields(errors);
  return { label: typeof label === "string" ? label : "", scopes: scopes ?? [], ...(expires ? { expires } : {}) };
}

function readScopeWords(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > 50) return undefined;
  const pattern = new RegExp(scopePattern);
  const words = value.filter((word): word is string => typeof word === "string" && pattern.test(word));
  return words.length === value.length ? words : undefined;
}

/** Null when none is wanted, undefined when it is none. */
function readMoment(value: unknown): Date | null | undefined {
  if (value === undefined || value === null) return null;
  const isMoment =
    typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(value);
  const moment = isMoment ? new Date(value) : undefined;
  return moment === undefined || Number.isNaN(moment.getTime()) ? undefined : moment;
}

function describeToken({ tokenId, label, hint, login, scopes, isRevoked, ...moments }: ApiTokenEntry): object {
  const text = (moment: Date | undefined): string | null => moment?.toISOString() ?? null;
  return {
    id: tokenId,
    label,
    hint,
    login,
    scopes,
    isRevoked,
    created: text(moments.created),
    expires: text(moments.expires),
    lastUsed: text(moments.lastUsed),
    lastAddress: moments.lastAddress,
  };
}

function requireSession({ identity }: RestCall): void {
  if (identity.kind === "apiToken") throw refuse(tokenNotEnough(), { status: 403 });
}
