/** Starts everything: the databases, and the modules by run level while the databases come up. */

import { pause, whenAborted } from "#foundation/clock.ts";

import { type DatabaseOptions, openInstanceDatabase } from "./instance-database.ts";
import { groupByLevel } from "./plan-processes.ts";
import { type Platform, startWhenPossible } from "./platform.ts";
import { registerWhileOpen } from "./register-host.ts";
import type { Supervised } from "./supervised.ts";
import type { Settings } from "#foundation/settings.ts";

/** A level that is not ready by then does not hold up the next one. */
const levelLimitMs = 5_000;
/** A click must not wait for a database that recovers. */
const databaseGraceMs = 3_000;
/** After this time the announcement is made, with what is still missing. */
const readyLimitMs = 30_000;

/**
 * Starts the databases and the autoStart processes; the platform must hold them already.
 * @throws what an operator must put right before anything can work: a database of a newer version, one that refuses us
 */
export async function bootPlatform(platform: Platform, instances: ReadonlyMap<string, Settings>): Promise<void> {
  const databases = openDatabases(platform, instances);
  // It is awaited below, but may fail while the first level starts.
  databases.catch(() => undefined);
  const wanted = [...platform.processes.values()].filter(({ plan }) => plan.isAutoStart);
  const levels = groupByLevel(wanted);
  for (const [index, level] of levels.entries()) {
    if (index === 1) await untilDatabasesTried(platform, databases);
    if (platform.ending.signal.aborted) return;
    for (const process of level) startWhenPossible(platform, process);
    if (index < levels.length - 1) await untilLevelReady(platform, level);
  }
  await databases;
  await Promise.all(wanted.map((process) => process.untilReady(readyLimitMs)));
}

/** A database that was used before may take minutes to recover: modules of the host do without it meanwhile. */
async function untilDatabasesTried(platform: Platform, tried: Promise<void>): Promise<void> {
  const isAnyNew = [...platform.databases.values()].some(({ isNew }) => isNew);
  await (isAnyNew ? tried : Promise.race([tried, pause(databaseGraceMs, platform.ending.signal)]));
}

/** Starts or finds the databases of instances; resolves when each was tried once. */
export async function openDatabases(platform: Platform, instances: ReadonlyMap<string, Settings>): Promise<void> {
  const { context, narration } = platform;
  const tried = [...instances].map(([instance, settings]) => {
    const options: DatabaseOptions = {
      home: context.home,
      instance,
      settings,
      environment: process.env,
      narration,
      onPrepared: (name, preparation) => platform.preparations.set(name, preparation),
    };
    const database = openInstanceDatabase(options);
    platform.databases.set(instance, database);
    void database.prepared.then(() => registerWhileOpen(database, context));
    return database.tried;
  });
  await Promise.race([Promise.all(tried), whenAborted(platform.ending.signal)]);
}

/** Processes that wait for their database are not waited for. */
async function untilLevelReady(platform: Platform, level: readonly Supervised[]): Promise<void> {
  const started = level.filter((process) => process.entry().state !== "waiting");
  const aborted = pause(levelLimitMs, platform.ending.signal);
  await Promise.race([Promise.all(started.map((process) => process.untilReady(levelLimitMs))), aborted]);
}
