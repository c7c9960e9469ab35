/** The REST interface below /api/v1: HTTP in, JSON or a problem out. Addresses are resolved here, since entities are data. */

import { randomUUID } from "node:crypto";

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { isFromElsewhere } from "../http/check-origin.ts";
import type { WebContext } from "../web-context.ts";
import { answerPreflight, corsHeaders } from "./cors.ts";
import { addDocsRoutes } from "./docs/docs-routes.ts";
import type { Handlers } from "./entities/entity-handlers.ts";
import { credentialsMissing, methodNotAllowed, notAcceptable, requestForged, resourceMissing } from "./errors.ts";
import { findHandlers } from "./find-handlers.ts";
import { callMethod } from "./methods/call-method.ts";
import { openCall, segmentsOf } from "./open-call.ts";
import { sendProblem } from "./problem.ts";
import { refuse } from "./refusal.ts";
import type { OpenCall, RestAnswer, RestCall } from "./rest-call.ts";
import { webRestSettings } from "./settings.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set before the body is read; a call without identity is one that is open to everyone. */
    restCall: RestCall | OpenCall | undefined;
    /** Stands in the answer and in the log. */
    restId: string;
  }
}

/** Adds every address below /api. */
export async function addRestRoutes(root: FastifyInstance, web: WebContext): Promise<void> {
  const bodyLimit = web.host.settings.of(webRestSettings).maxRequestMb * 1_048_576;
  await root.register(
    async (app) => {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit }, (_, body, done) => done(null, body));
      app.decorateRequest("restCall");
      app.decorateRequest("restId", "");
      app.addHook("onRequest", async (request, reply) => {
        request.restId = requestId(request.headers["x-request-id"]);
        reply.headers({ "x-request-id": request.restId, ...corsHeaders(web, request) });
      });
      app.setErrorHandler((error, request, reply) => sendProblem(web, request, reply, error));
      app.setNotFoundHandler((request, reply) =>
        sendProblem(web, request, reply, refuse(resourceMissing(), { status: 404 })),
      );
      addDocsRoutes(app);
      // Who calls is asked before the body is read: a stranger's ten megabytes are not.
      const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
        request.restCall = await openCall(web, request, reply);
      };
      for (const url of ["/v1", "/v1/*"]) app.all(url, { onRequest, bodyLimit }, answerRequest);
    },
    { prefix: "/api" },
  );
}

/** The client's own id of the request, when he gives one that reads well. */
function requestId(header: string | string[] | undefined): string {
  return typeof header === "string" && /^[\w.:-]{1,64}$/.test(header) ? header : randomUUID();
}

async function answerRequest(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { restCall: call, method } = request;
  if (call === undefined) return answerPreflight(request, reply);
  refuseUnacceptable(request);
  if (!("identity" in call)) return send(reply, await callOpenMethod(call));
  const handlers = findHandlers(call, segmentsOf(request));
  if (handlers === undefined) throw refuse(resourceMissing(), { status: 404 });
  const handler = handlers[method === "HEAD" ? "GET" : (method as keyof Handlers)];
  if (handler === undefined || !Object.hasOwn(handlers, method === "HEAD" ? "GET" : method))
    throw refuseMethod(method, handlers);
  request.operation = { kind: "rest", name: operationName(call, method) };
  return send(reply, await handler(call));
}

/** `GET recipients`: of a closed list, since something answers there. */
function operationName({ names, request }: RestCall, method: string): string {
  const [first = "index"] = segmentsOf(request);
  const schema = names.find(first.replace(/%3a/i, ":"));
  return `${method} ${schema === undefined ? first : names.nameOf(schema)}`;
}

function callOpenMethod(call: OpenCall): Promise<RestAnswer> {
  if (call.openMethod === undefined) throw refuse(credentialsMissing(), { status: 401 });
  if (isFromElsewhere(call.request)) throw refuse(requestForged(), { status: 403 });
  return callMethod(call, call.openMethod, undefined);
}

function refuseMethod(method: string, handlers: Handlers): Error {
  const offered = Object.keys(handlers).flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
  const allowed = [...offered, "OPTIONS"].join(", ");
  return refuse(methodNotAllowed({ method, allowed }), { status: 405, headers: { allow: allowed } });
}

function refuseUnacceptable({ headers }: FastifyRequest): void {
  const accepted = headers.accept?.split(",").map((type) => (type.split(";", 1)[0] ?? "").trim().toLowerCase());
  if (accepted === undefined || accepted.some((type) => /^(\*\/\*|application\/(\*|json|problem\+json)|)$/.test(type)))
    return;
  throw refuse(notAcceptable({ offered: "application/json" }), { status: 406 });
}

function send(reply: FastifyReply, { status, body, headers }: RestAnswer): FastifyReply {
  reply.code(status).headers(headers ?? {});
  if (body === undefined) return reply.send();
  return reply.type("application/json; charset=utf-8").send(typeof body === "string" ? body : JSON.stringify(body));
}
