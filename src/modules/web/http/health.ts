/** What load balancers and the watchdog ask: is the process alive, and can it serve? */

import type { FastifyInstance } from "fastify";

import { describeError } from "#foundation/errors.ts";

import { webSettings } from "../settings.ts";
import type { WebContext } from "../web-context.ts";
import { boundDatabase } from "./bound-database.ts";
import { probeDatabase } from "./probe-store.ts";

/**
 * `/health` asks no database; `/ready` answers 200 when the database of every instance answers, else 503; and 503 as soon
 * as the server was told to stop.
 */
export function addHealthRoutes(app: FastifyInstance, { host, instances, stopping }: WebContext): void {
  app.get("/health", async () => ({ status: "ok" }));
  app.get("/ready", async (_, reply) => {
    if (stopping.aborted) return reply.code(503).send({ status: "stopping" });
    const { databaseTimeoutMs } = host.settings.of(webSettings);
    try {
      await Promise.all((await instances.all()).map(({ db }) => probeDatabase(boundDatabase(db, databaseTimeoutMs))));
      return { status: "ready" };
    } catch (error) {
      host.log.debug("web.not_ready", { reason: describeError(error) });
      return reply.code(503).send({ status: "not ready" });
    }
  });
}
