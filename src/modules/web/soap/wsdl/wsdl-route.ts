/** `GET /nl/jsp/schemawsdl.jsp?schema=xtk:session`: what toolkits generate their clients from. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { findCallersSession } from "#campaign/access/admit-caller.ts";
import { isProbe, type Operator } from "#campaign/access/operator.ts";
import { mayAccess } from "#datamodel/rights/may-access.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { findService, services } from "#schemas/services.ts";
import type { Method } from "#schemas/schema.ts";

import { boundDatabase } from "../../http/bound-database.ts";
import { classifyError } from "../../http/classify-error.ts";
import { sessionCookie } from "../../http/session-cookie.ts";
import { webSettings } from "../../settings.ts";
import type { WebContext } from "../../web-context.ts";
import { openData } from "../../open-data.ts";
import { writeWsdl } from "./write-wsdl.ts";

const path = "/nl/jsp/schemawsdl.jsp";

/** Adds the route. Who has no session is sent to log on. */
export function addWsdlRoute(app: FastifyInstance, web: WebContext): void {
  app.get(path, async (request, reply) => {
    try {
      return await answer(web, request, reply);
    } catch (error) {
      const { status, error: told } = classifyError(error);
      if (status >= 500) web.host.log.error("web.wsdl_failed", { reason: describeError(error) });
      return reply.code(status).type("text/plain; charset=utf-8").send(`${told.code} ${told.message}\n`);
    }
  });
}

async function answer(web: WebContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const id = schemaOf(request);
  const whole = await web.instances.choose(request.client.host);
  const { databaseTimeoutMs } = web.host.settings.of(webSettings);
  const context = { ...whole, db: boundDatabase(whole.db, databaseTimeoutMs) };
  const header = request.headers["x-session-token"];
  const token = (typeof header === "string" && header) || (request.cookies[sessionCookie] ?? "");
  const session = await findCallersSession(context, request.client, token);
  if (session === undefined || isProbe(session.operator))
    return reply.redirect(`/nl/jsp/logon.jsp?next=${encodeURIComponent(`${path}?schema=${id}`)}`, 303);
  const methods = await methodsFor(context, session.operator, id);
  if (methods.length === 0)
    return reply.code(404).type("text/plain; charset=utf-8").send("There is no schema of this name.\n");
  const { host, isSecure } = request.client;
  const url = `${isSecure ? "https" : "http"}://${host}/nl/jsp/soaprouter.jsp`;
  return reply.type("text/xml; charset=utf-8").send(writeWsdl({ service: id, methods, url }));
}

/** A schema's own methods, and those of every interface: any schema may be called by them. */
async function methodsFor(context: Context, operator: Operator, id: string): Promise<readonly Method[]> {
  const own = findService(id);
  const { schemas, viewer } = await openData(context, operator);
  const schema = schemas.find(id);
  const isThere = schema === undefined ? own !== undefined : mayAccess(schema, viewer, "read");
  if (!isThere) return [];
  const inherited = services.filter(({ name, interfaceIn }) => interfaceIn !== undefined && name !== id);
  const all = [...(own?.methods ?? []), ...inherited.flatMap(({ methods }) => methods)];
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}

function schemaOf({ query }: FastifyRequest): string {
  const given = typeof query === "object" && query !== null && "schema" in query ? query.schema : undefined;
  return typeof given === "string" && /^[\w-]{1,64}:[\w-]{1,64}$/.test(given) ? given : "";
}
