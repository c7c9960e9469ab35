/** Reads, at each scrape, what is known elsewhere: the instances' work in their databases, the modules at the watchdog. */

import { readStatus } from "#channels/control.ts";
import { pause } from "#foundation/clock.ts";
import type { Home } from "#foundation/home.ts";
import type { Context } from "#foundation/module.ts";

import type { WebContext } from "../../web-context.ts";
import { boundDatabase } from "../bound-database.ts";
import type { Metrics } from "./metrics.ts";
import { countInstanceWork, type WorkCount, type WorkKind } from "./work-counts-store.ts";

/** A scrape is answered in time, whatever does not answer. */
const limitMs = 1_500;

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
  await Promise.all([
    readModules(metrics, host.home),
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
