/** What the watchdog keeps in its hands: the processes and the databases of this data folder. */

import type { PlatformStatus, ProcessEntry } from "#channels/control/control-messages.ts";
import type { HostContext } from "#foundation/module.ts";
import { version } from "#foundation/version.ts";

import { findDescendants, residentBytes } from "./find-descendants.ts";
import type { InstanceDatabase } from "./instance-database.ts";
import type { Narration } from "./narrate.ts";
import type { PlannedProcess } from "./plan-processes.ts";
import type { Preparation } from "./prepare-database.ts";
import { watchdogSettings } from "./settings.ts";
import { superviseProcess } from "./supervise-process.ts";
import type { Launch, Supervised } from "./supervised.ts";

export type Platform = {
  readonly context: HostContext;
  readonly narration: Narration;
  readonly launch: Launch;
  readonly startedAt: Date;
  readonly startedMs: number;
  /** By name, `module@instance`, in the order they start. */
  readonly processes: Map<string, Supervised>;
  readonly databases: Map<string, InstanceDatabase>;
  /** What the first start of an instance made, for the announcement. */
  readonly preparations: Map<string, Preparation>;
  readonly ending: AbortController;
  phase: PlatformStatus["phase"];
};

/** Adds a process that is not started yet. */
export function addProcess(platform: Platform, plan: PlannedProcess): Supervised {
  const { launch, narration, context } = platform;
  const process = superviseProcess(plan, {
    launch,
    narration,
    clock: context.clock,
    silenceLimitMs: context.settings.of(watchdogSettings).silenceLimitSec * 1_000,
  });
  platform.processes.set(plan.name, process);
  return process;
}

/** Starts a process now, or as soon as the database of its instance is ready. */
export function startWhenPossible(platform: Platform, process: Supervised, args?: readonly string[]): void {
  const database = platform.databases.get(process.plan.instance);
  if (process.plan.scope === "host" || database === undefined || database.entry().isReady) {
    process.start(args);
    return;
  }
  process.hold(`it waits for its database: ${database.entry().problem ?? "it is starting"}`);
  void database.prepared.then(() => {
    if (process.isWanted() && !platform.ending.signal.aborted) process.start(args);
  });
}

/** Every process: the watchdog's own, those it started, and those that these started. */
export function describeProcesses(platform: Platform): ProcessEntry[] {
  const own: ProcessEntry = {
    module: "watchdog",
    instance: "default",
    pid: process.pid,
    memoryBytes: residentBytes(process.pid) ?? 0,
    startedAt: platform.startedAt.toISOString(),
    restarts: 0,
    state: platform.phase === "stopping" ? "stopping" : "ready",
    isAutoStart: true,
  };
  const supervised = [...platform.processes.values()].flatMap((process) => {
    const entry = process.entry();
    if (entry.pid === undefined) return [entry];
    const memoryBytes = residentBytes(entry.pid) ?? entry.memoryBytes;
    return [{ ...entry, memoryBytes }, ...findDescendants(entry.pid, process.plan)];
  });
  return [own, ...supervised];
}

/** What runs, and what should but does not. */
export function describePlatform(platform: Platform): PlatformStatus {
  return {
    version,
    pid: process.pid,
    startedAt: platform.startedAt.toISOString(),
    phase: platform.phase,
    databases: [...platform.databases.values()].map((database) => database.entry()),
    processes: describeProcesses(platform),
    missing: findMissing(platform),
  };
}

/** Names of the autoStart processes that do not run, or have not become ready. */
export function findMissing(platform: Platform): string[] {
  return [...platform.processes.values()]
    .filter(({ plan, entry }) => plan.isAutoStart && entry().state !== "ready")
    .map(({ plan }) => plan.name);
}
