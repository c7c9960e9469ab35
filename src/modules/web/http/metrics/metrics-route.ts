/** `/metrics`, for Prometheus: only where a token or networks are set, and only for who has the one or is in the other. */

import { createHash, timingSafeEqual } from "node:crypto";

import type { FastifyInstance, FastifyRequest } from "fastify";

import { isInNetworks } from "#foundation/networks.ts";

import { webMetricsSettings } from "../../settings.ts";
import type { WebContext } from "../../web-context.ts";
import { openMetrics } from "./metrics.ts";
import { readGauges } from "./read-gauges.ts";

/** Adds the route, and begins to count; does neither where nobody may read it. Stands before the other routes. */
export async function addMetricsRoute(app: FastifyInstance, web: WebContext): Promise<void> {
  const { token, networks } = web.host.settings.of(webMetricsSettings);
  if (token === "" && networks.length === 0) return;
  const metrics = await openMetrics(app);
  app.addHook("onClose", async () => metrics.registry.clear());
  app.get("/metrics", async (request, reply) => {
    if (!isInNetworks(request.client.address, networks) && !holdsToken(request, token))
      return reply
        .code(401)
        .header("www-authenticate", 'Bearer realm="metrics"')
        .type("text/plain; charset=utf-8")
        .send("This needs the token of web.metrics.token.\n");
    await readGauges(metrics, web);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

function holdsToken({ headers }: FastifyRequest, token: string): boolean {
  const given = /^bearer +(.+)$/i.exec(headers.authorization ?? "")?.[1];
  if (token === "" || given === undefined) return false;
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
