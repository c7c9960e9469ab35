/** Reads the settings again while the platform runs, and restarts exactly the processes that read a setting that changed. */

import { databaseAddress } from "#channels/platform/database-address.ts";
import { describeError } from "#foundation/errors.ts";
import { listInstances } from "#foundation/home.ts";
import { readAllSettings, type Settings } from "#foundation/settings.ts";

import { allSections } from "../roster.ts";
import { openDatabases } from "./boot-platform.ts";
import { checkDatabases } from "./check-databases.ts";
import { forgetInstance } from "./forget-instance.ts";
import { type PlannedProcess, planProcesses } from "./plan-processes.ts";
import { addProcess, type Platform, startWhenPossible } from "./platform.ts";

/**
 * Applies changed settings. Faulty ones change nothing.
 * @returns names of the processes that are started, restarted or stopped; it happens after the answer, in an orderly way
 * @throws invalidSettings, sharedDatabase, invalidDatabaseUrl
 */
export async function reloadSettings(platform: Platform): Promise<string[]> {
  const { home, secrets } = platform.context;
  const read = readAllSettings({
    home,
    secrets,
    sections: allSections,
    environment: process.env,
    instances: listInstances(home),
  });
  checkDatabases(home, read.instances);
  const planned = planProcesses(read.host, read.instances);

  const gone = [...platform.databases.keys()].filter((instance) => hasLeft(platform, instance, read.instances));
  const kept = new Set([...platform.databases.keys()].filter((instance) => !gone.includes(instance)));
  const added = new Map([...read.instances].filter(([instance]) => !kept.has(instance)));
  const changed = planned.filter(
    (plan) => isChanged(platform, plan) && (plan.scope === "host" || kept.has(plan.instance)),
  );
  const started = planned.filter((plan) => plan.scope === "instance" && added.has(plan.instance) && plan.isAutoStart);
  const stopped = [...platform.processes.values()]
    .filter(({ plan }) => gone.includes(plan.instance))
    .map(({ plan }) => plan.name);

  void apply(platform, { planned, changed, gone, added });
  return [...new Set([...stopped, ...started.map(({ name }) => name), ...changed.map(({ name }) => name)])];
}

type Change = {
  readonly planned: readonly PlannedProcess[];
  readonly changed: readonly PlannedProcess[];
  readonly gone: readonly string[];
  readonly added: ReadonlyMap<string, Settings>;
};

async function apply(platform: Platform, { planned, changed, gone, added }: Change): Promise<void> {
  const { narration } = platform;
  try {
    await Promise.all(gone.map((instance) => forgetInstance(platform, instance)));
    const opened = openDatabases(platform, added);
    const wereAutoStart = new Set(
      [...platform.processes.values()].filter(({ plan }) => plan.isAutoStart).map(({ plan }) => plan.name),
    );
    for (const plan of planned) {
      const process = platform.processes.get(plan.name);
      if (process !== undefined) process.replan(plan);
      else if (plan.isAutoStart) startWhenPossible(platform, addProcess(platform, plan));
      else addProcess(platform, plan);
    }
    for (const { name, isAutoStart } of changed) {
      const process = platform.processes.get(name);
      if (process === undefined || platform.ending.signal.aborted) continue;
      if (!isAutoStart && wereAutoStart.has(name)) await process.stop({ isImmediate: false });
      else if (process.isWanted()) await process.restart({ why: "settings" });
      else if (isAutoStart && !wereAutoStart.has(name)) startWhenPossible(platform, process);
    }
    await opened;
    narration.info("The settings have been read again", "watchdog.settings_reloaded", {
      restarted: changed.map(({ name }) => name),
    });
  } catch (error) {
    narration.error(`The changed settings cannot be applied: ${describeError(error)}`, "watchdog.reload_failed", {
      reason: describeError(error),
    });
  }
}

/** True when the instance has no settings file any more, or names another database. */
function hasLeft(platform: Platform, instance: string, now: ReadonlyMap<string, Settings>): boolean {
  const settings = now.get(instance);
  if (settings === undefined) return true;
  const before = platform.databases.get(instance)?.address;
  const after = databaseAddress(platform.context.home, instance, settings);
  return before?.url !== after.url || before.password !== after.password;
}

function isChanged(platform: Platform, plan: PlannedProcess): boolean {
  const before = platform.processes.get(plan.name)?.plan.fingerprint;
  return before !== undefined && before !== plan.fingerprint;
}
