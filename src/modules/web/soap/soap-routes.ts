/** The SOAP endpoint: HTTP in, an envelope read, an answer or a fault out. */

import type { FastifyInstance, FastifyRequest } from "fastify";

import { zoneFlagsOf } from "#foundation/caller-zones.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { decodeBody } from "#protocols/soap/decode-body.ts";
import { defaultXmlLimits } from "#protocols/soap/read-xml.ts";
import { readEnvelope } from "#protocols/soap/read-envelope.ts";
import { type Fault, writeFault } from "#protocols/soap/write-envelope.ts";

import { boundDatabase } from "../http/bound-database.ts";
import { classifyError, httpStatusOf } from "../http/classify-error.ts";
import { headerOf } from "../http/header-of.ts";
import { sessionCookie } from "../http/session-cookie.ts";
import { webSettings, webSoapSettings } from "../settings.ts";
import type { WebContext } from "../web-context.ts";
import { callMethod } from "./call-method.ts";
import { describeFault, plainRefusal } from "./describe-fault.ts";
import { findMethod } from "./find-method.ts";
import { addWsdlRoute } from "./wsdl/wsdl-route.ts";

const answerType = "text/xml;charset=utf-8";

/** Adds `POST /nl/jsp/soaprouter.jsp` and its WSDL; the router's query string is ignored, clients put the method there for their own logs. */
export async function addSoapRoutes(root: FastifyInstance, web: WebContext): Promise<void> {
  const { maxRequestMb } = web.host.settings.of(webSoapSettings);
  await root.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      ["text/xml", "application/soap+xml", "application/xml"],
      { parseAs: "buffer" },
      (_, body, done) => done(null, body),
    );
    app.setErrorHandler((error, _, reply) => {
      reply.type("text/plain; charset=utf-8");
      const status = httpStatusOf(error);
      if (status !== undefined)
        return reply
          .code(status)
          .send(status === 413 ? "The request is too large.\n" : "The request is not acceptable.\n");
      const { status: known, error: told } = classifyError(error);
      return reply.code(known).send(`${told.code} ${told.message}\n`);
    });
    addWsdlRoute(app, web);
    app.post("/nl/jsp/soaprouter.jsp", { bodyLimit: maxRequestMb * 1_048_576 }, async (request, reply) => {
      if (isEncodedOrAmbiguous(request))
        return reply.code(415).type("text/plain; charset=utf-8").send("Send XML in one plain body.\n");
      try {
        return await reply.type(answerType).send(Buffer.from(await answer(web, request)));
      } catch (error) {
        const refusal = plainRefusal(error);
        if (refusal !== undefined) {
          return reply
            .code(refusal.status)
            .headers(refusal.headers)
            .type("text/plain; charset=utf-8")
            .send(refusal.text);
        }
        return reply.type(answerType).send(writeFault(reportFault(web, request, error)));
      }
    });
  });
}

async function answer({ host, instances }: WebContext, request: FastifyRequest): Promise<string> {
  const { maxDepth, maxElements, maxAttributes } = host.settings.of(webSoapSettings);
  const { databaseTimeoutMs } = host.settings.of(webSettings);
  const bytes = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  const text = decodeBody(bytes, request.headers["content-type"]);
  const envelope = readEnvelope(text, headerOf(request, "soapaction"), {
    ...defaultXmlLimits,
    maxDepth,
    maxElements,
    maxAttributes,
  });
  host.log.trace("soap", "web.soap_call", {
    service: envelope.service,
    method: envelope.method,
    bytes: bytes.length,
    client: headerOf(request, "acc-sdk-client-app"),
  });
  const found = findMethod(envelope.service, envelope.method);
  const name = `${found.method.service}#${found.method.declaration.name}`;
  request.operation = { kind: "soap", name };
  const context = await instances.choose(request.client.host);
  return callMethod(found, {
    context,
    quickContext: { ...context, db: boundDatabase(context.db, databaseTimeoutMs) },
    envelope,
    headers: {
      sessionToken: headerOf(request, "x-session-token") ?? "",
      securityToken: headerOf(request, "x-security-token") ?? "",
      cookie: request.cookies[sessionCookie] ?? "",
      bearer: /^Bearer\s+(\S+)\s*$/i.exec(headerOf(request, "authorization") ?? "")?.[1] ?? "",
    },
    client: request.client,
  });
}

function reportFault({ host }: WebContext, request: FastifyRequest, error: unknown): Fault {
  const { fault, logged } = describeFault(error, zoneFlagsOf(host.settings, request.client.address).showErrors);
  if (request.operation !== undefined) request.operation = { ...request.operation, hasFailed: true };
  const fields = { fault: fault.text, client: request.client.address };
  if (logged === undefined) host.log.debug("web.soap_fault", fields);
  else
    host.log.error("web.soap_failed", {
      ...fields,
      reason: logged,
      stack: error instanceof Error && !isPostriderError(error) ? error.stack : undefined,
    });
  return fault;
}

/** Node keeps the first of several Content-Type headers; which of them is meant cannot be known. */
function isEncodedOrAmbiguous({ raw }: FastifyRequest): boolean {
  const encoding = raw.headers["content-encoding"];
  return (encoding !== undefined && encoding !== "identity") || (raw.headersDistinct["content-type"]?.length ?? 0) > 1;
}
