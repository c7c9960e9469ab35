/** Says who sends a request: a program with its token, or an operator with a session. */

import { admitCaller, findCallersSession } from "#campaign/access/admit-caller.ts";
import { findApiToken } from "#campaign/access/api-tokens/find-api-token.ts";
import { sessionInvalid } from "#campaign/access/errors.ts";
import { isProofOf } from "#campaign/access/is-proof-of.ts";
import { isProbe } from "#campaign/access/operator.ts";

import { headerOf } from "../http/header-of.ts";
import { sessionCookie } from "../http/session-cookie.ts";
import { credentialsInvalid, credentialsMissing, requestForged } from "./errors.ts";
import { refuse } from "./refusal.ts";
import type { Identity, OpenCall } from "./rest-call.ts";
import { readScopes } from "./scopes.ts";

/**
 * Finds out who calls. A token in a header comes before the cookie, which a browser sends by itself.
 * @throws credentialsMissing, credentialsInvalid, sessionInvalid, requestForged
 */
export async function authenticate(call: OpenCall): Promise<Identity> {
  const authorization = headerOf(call.request, "authorization");
  if (authorization !== undefined) return byApiToken(call, authorization);
  const token = headerOf(call.request, "x-session-token");
  if (token !== undefined) return bySession(call, token);
  const cookie = call.request.cookies[sessionCookie] ?? "";
  if (cookie !== "") return byCookie(call, cookie);
  throw refuse(credentialsMissing(), { status: 401 });
}

async function byApiToken({ context, request }: OpenCall, authorization: string): Promise<Identity> {
  const text = /^bearer +(\S{1,200})$/i.exec(authorization)?.[1];
  const found = text === undefined ? undefined : await findApiToken(context, text, request.client.address);
  if (found === undefined)
    throw refuse(credentialsInvalid(), {
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="postrider", error="invalid_token"' },
    });
  return { kind: "apiToken", caller: { operator: found.operator }, scopes: readScopes(found.scopes) };
}

/** As clients of Classic send it: both tokens, each time. */
async function bySession(call: OpenCall, sessionToken: string): Promise<Identity> {
  const presented = {
    sessionToken,
    securityToken: headerOf(call.request, "x-security-token") ?? "",
    isFromCookie: false,
  };
  const session = await admitCaller(call.context, call.request.client, presented);
  return { kind: "session", caller: session, scopes: "all" };
}

async function byCookie(call: OpenCall, sessionToken: string): Promise<Identity> {
  const { request, context } = call;
  const session = await findCallersSession(context, request.client, sessionToken);
  if (session === undefined || isProbe(session.operator)) throw sessionInvalid();
  const isReading = request.method === "GET" || request.method === "HEAD";
  // That the request comes from a page of ours was made sure of before any route; that the page knew it, is here.
  if (!isReading && !isProofOf(context, session.token, headerOf(request, "x-security-token") ?? ""))
    throw refuse(requestForged(), { status: 403 });
  return { kind: "cookie", caller: session, scopes: "all" };
}
