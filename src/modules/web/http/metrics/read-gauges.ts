/** Reads, at each scrape, what is known elsewhere: the instances' work in their databases, the modules at the watchdog. */

import { readStatus } from "#channels/control/control.ts";
import { countWaiting, surveyStat } from "#channels/permits/survey-stat.ts";
import { pause } from "#foundation/clock.ts";
import type { Home } from "#foundation/home.ts";
import type { Context } from "#foundation/module.ts";

import type { WebContext } from "../../web-context.ts";
import { boundDatabase } from "../bound-database.ts";
import type { Gauge, Metrics } from "./metrics.ts";
import { countInstanceWork, type WorkCount, type WorkKind } from "./work-counts-store.ts";

/** A scrape is answered in time, whatever does not answer. */
const limitMs = 1_500;
const mostPaths = 10_000;

const helps: { readonly [K in WorkKind]: readonly [help: string, label: string] } = {
  sessions: ["Sessions of operators that are alive.", ""],
  connections: ["Connections to the database, of all processes, by what they are doing.", "state"],
  deliveries: ["Deliveries on their way, by state.", "state"],
  parts: ["Parts of deliveries that are not done, by state.", "state"],
  messages: ["Messages: waiting now; processed, success and error in all.", "kind"],
  workflows: ["Workflows that are started, by state.", "state"],
};

/** Sets every gauge; of an instance whose database is away only that it is. */
export async function readGauges(metrics: Metrics, { host, instances }: WebContext): Promise<void> {
  const up = metrics.gauge("postrider_database_up", "1 when the database of the instance answers.", ["instance"]);
  up.reset();
  for (const kind of Object.keys(helps) as WorkKind[]) workGauge(metrics, kind).reset();
  const stats = statGauges(metrics);
  await Promise.all([
    readModules(metrics, host.home),
    ...(await instances.all()).map(async (context) => readStat(stats, context)),
    ...(await instances.all()).map(async (context) => {
      const { instance } = context;
      const counts = await countSafely(context);
      up.set({ instance }, counts === undefined ? 0 : 1);
      for (const { what, label, count } of counts ?? []) {
        const name = helps[what][1];
        workGauge(metrics, what).set({ instance, ...(name === "" ? {} : { [name]: label }) }, count);
      }
    }),
  ]);
}

type StatGauges = { readonly [K in "up" | "connections" | "slowed" | "waiting"]: Gauge };

function statGauges(metrics: Metrics): StatGauges {
  const of = (name: string, help: string, ...labels: string[]): Gauge => {
    const gauge = metrics.gauge(`postrider_stat_${name}`, help, ["instance", ...labels]);
    gauge.reset();
    return gauge;
  };
  return {
    up: of("up", "1 when the statistics server answers: without it no message leaves."),
    connections: of("connections", "Open connections to mail exchangers, of all senders."),
    slowed: of("slowed_paths", "Paths under dynamic flow control."),
    waiting: of("waiting_messages", "Messages that wait in senders, by what they wait for.", "reason"),
  };
}

async function readStat({ up, connections, slowed, waiting }: StatGauges, context: Context): Promise<void> {
  const { instance } = context;
  const { found } = await surveyStat(context, { limitMs, mostPaths });
  up.set({ instance }, found === undefined ? 0 : 1);
  if (found === undefined) return;
  connections.set({ instance }, found.overview.openConnections);
  slowed.set({ instance }, found.paths.filter(({ flow }) => flow !== undefined).length);
  for (const [reason, messages] of countWaiting(found)) waiting.set({ instance, reason }, messages);
}

function workGauge(metrics: Metrics, kind: WorkKind): ReturnType<Metrics["gauge"]> {
  const [help, label] = helps[kind];
  return metrics.gauge(`postrider_${kind}`, help, ["instance", ...(label === "" ? [] : [label])]);
}

function countSafely({ db }: Context): Promise<WorkCount[] | undefined> {
  return countInstanceWork(boundDatabase(db, limitMs)).catch(() => undefined);
}

async function readModules(metrics: Metrics, home: Home): Promise<void> {
  const labels = ["module", "instance"];
  const up = metrics.gauge("postrider_module_up", "1 when the watchdog hears the module, and it is ready.", labels);
  const memory = metrics.gauge("postrider_module_memory_bytes", "Resident memory by the last heartbeat.", labels);
  const restarts = metrics.gauge("postrider_module_restarts", "Starts after the first.", labels);
  for (const gauge of [up, memory, restarts]) gauge.reset();
  const limit = new AbortController();
  const asked = readStatus(home).catch(() => undefined);
  const status = await Promise.race([asked, pause(limitMs, limit.signal).then(() => undefined)]);
  limit.abort();
  for (const { module, instance, state, memoryBytes, restarts: count } of status?.processes ?? []) {
    up.set({ module, instance }, state === "ready" ? 1 : 0);
    memory.set({ module, instance }, memoryBytes);
    restarts.set({ module, instance }, count);
  }
}
