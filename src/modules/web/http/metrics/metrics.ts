/** What web counts about itself, in Prometheus' form. The library is loaded only where metrics are asked for. */

import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

/** From a cached page to a long export. */
const durationBucketsSec = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type Metrics = {
  /** The registry that answers are written from; readings of the moment are added to it as gauges. */
  readonly registry: Registry;
  readonly gauge: (name: string, help: string, labels: readonly string[]) => Gauge;
};

export type Gauge = {
  /** Forgets former readings: what is gone must not be reported any more. */
  reset(): void;
  set(labels: Readonly<Record<string, string | number>>, value: number): void;
};

/** Counts every answer of the server from now on. */
export async function openMetrics(app: FastifyInstance): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "postrider_http_request_duration_seconds",
    help: "Answered HTTP requests by method, route and status.",
    labelNames: ["method", "route", "status"],
    buckets: durationBucketsSec,
    registers,
  });
  const operations = new Counter({
    name: "postrider_operations_total",
    help: "SOAP calls and REST requests by operation and outcome.",
    labelNames: ["kind", "operation", "outcome"],
    registers,
  });
  app.addHook("onResponse", async ({ method, routeOptions, operation }, reply) => {
    const status = reply.statusCode;
    requests.observe({ method, route: routeOptions.url ?? "none", status }, reply.elapsedTime / 1_000);
    if (operation === undefined) return;
    const outcome = operation.hasFailed === true || status >= 400 ? "failed" : "done";
    operations.inc({ kind: operation.kind, operation: operation.name, outcome });
  });
  const gauges = new Map<string, Gauge>();
  return {
    registry,
    gauge: (name, help, labelNames) => {
      const known = gauges.get(name) ?? new Gauge({ name, help, labelNames: [...labelNames], registers });
      gauges.set(name, known);
      return known;
    },
  };
}
