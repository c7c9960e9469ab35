/** Opens a request: the instance that it is for, and who sends it. */

import type { FastifyReply, FastifyRequest } from "fastify";

import { builtInSchemas } from "#schemas/schema-set.ts";

import { boundDatabase } from "../http/bound-database.ts";
import { sessionCookie } from "../http/session-cookie.ts";
import { webSettings } from "../settings.ts";
import { openData } from "../open-data.ts";
import type { WebContext } from "../web-context.ts";
import { authenticate } from "./authenticate.ts";
import { entityNames } from "./entity-names.ts";
import { findOpenMethod } from "./find-handlers.ts";
import { refusalOf } from "./refusal.ts";
import type { OpenCall, RestCall } from "./rest-call.ts";

/**
 * Finds out who calls.
 * @returns without an identity only for a method that is open to everyone; undefined for OPTIONS, which asks nobody
 * @throws credentialsMissing, credentialsInvalid, sessionInvalid, requestForged
 */
export async function openCall(
  web: WebContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<RestCall | OpenCall | undefined> {
  if (request.method === "OPTIONS") return undefined;
  const context = await web.instances.choose(request.client.host);
  const { databaseTimeoutMs } = web.host.settings.of(webSettings);
  // Whether the database answers at all is to be known soon. What follows has the limit of its connection: a change that
  // is given up here would still be made there.
  const quick = { ...context, db: boundDatabase(context.db, databaseTimeoutMs) };
  const open: OpenCall = { web, request, reply, context };
  const method = findOpenMethod(entityNames(builtInSchemas), segmentsOf(request));
  const isOpen = request.method === "POST" && method !== undefined;
  if (isOpen && !hasCredentials(request)) return { ...open, openMethod: method };
  try {
    return await identify({ ...open, context: quick }, open);
  } catch (error) {
    // Who logs on may still send what is left of a former session.
    if (isOpen && isAboutCredentials(error)) return { ...open, openMethod: method };
    throw error;
  }
}

/** The parts of the path below /api/v1, as they came. */
export function segmentsOf({ url }: FastifyRequest): string[] {
  const [path = ""] = url.split("?", 1);
  const below = path.replace(/^\/api\/v1\/?/, "").replace(/\/$/, "");
  return below === "" ? [] : below.split("/");
}

async function identify(quick: OpenCall, open: OpenCall): Promise<RestCall> {
  const identity = await authenticate(quick);
  const data = { ...(await openData(quick.context, identity.caller.operator)), db: open.context.db };
  const query = new URLSearchParams(open.request.url.split("?", 2)[1] ?? "");
  return { ...open, identity, data, names: entityNames(data.schemas), query };
}

function hasCredentials({ headers, cookies }: FastifyRequest): boolean {
  const isTold = headers["authorization"] !== undefined || headers["x-session-token"] !== undefined;
  return isTold || (cookies[sessionCookie] ?? "") !== "";
}

function isAboutCredentials(error: unknown): boolean {
  const status = refusalOf(error)?.status;
  const isSession = error instanceof Error && "code" in error && error.code === "XSV-350008";
  return isSession || status === 401 || status === 403;
}
