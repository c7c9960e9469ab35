/**
 * Finds an instance's database that is not ours to start. One that has been reached before is waited for, however long it
 * is away; one that never was is more likely a wrong address, and is told at once.
 */

import { databaseAddress } from "#channels/platform/database-address.ts";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pause } from "#foundation/clock.ts";
import { describeAddress } from "#foundation/database.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import { instanceFolder } from "#foundation/home.ts";
import { awayPause } from "#foundation/repeat.ts";

import type { DatabaseOptions, InstanceDatabase } from "./instance-database.ts";
import { prepareDatabase } from "./prepare-database.ts";

/** A server that starts together with us, as in a group of containers, has this long before its address counts as wrong. */
const firstContactMs = 5_000;
const codesOfAway = new Set(["DBS-100001", "DBS-100006"]);

/**
 * Starts trying; see `tried` and `prepared`.
 * @throws invalidDatabaseUrl
 */
export function reachExternalDatabase(options: DatabaseOptions): InstanceDatabase {
  const { home, instance, settings, narration } = options;
  const address = databaseAddress(home, instance, settings);
  const where = describeAddress(address);
  const marker = join(instanceFolder(home, instance), "database.known");
  const isNew = readMarker(marker) !== hash(address.url);
  const ending = new AbortController();
  const tried = Promise.withResolvers<void>();
  const prepared = Promise.withResolvers<void>();
  let isReady = false;
  let problem: string | undefined = "it was not reached yet";

  const run = async (): Promise<void> => {
    const startedMs = performance.now();
    for (let failures = 0; !ending.signal.aborted; ) {
      try {
        const preparation = await prepareDatabase(address, { ...options, kind: "external" });
        writeFileSync(marker, `${hash(address.url)}\n`);
        narration.info(`The database of ${instance} is ready (${where})`, "watchdog.database_ready", {
          instance,
          where,
          failures,
          migrations: preparation.migrations,
        });
        options.onPrepared(instance, preparation);
        isReady = true;
        problem = undefined;
        tried.resolve();
        return prepared.resolve();
      } catch (error) {
        failures += 1;
        problem = describeError(error);
        const isAway = isPostriderError(error) && codesOfAway.has(error.code);
        const isWorthWaiting = !isNew || isOlder(error);
        if (isWorthWaiting && (failures === 1 || failures % 10 === 0)) {
          narration.warning(`Waiting for the database of ${instance}. ${problem}`, "watchdog.database_away", {
            instance,
            where,
            failures,
            reason: problem,
          });
        }
        if (!isAway || (!isWorthWaiting && performance.now() - startedMs > firstContactMs)) tried.reject(error);
        else if (isWorthWaiting) tried.resolve();
      }
      await pause(Math.min(5_000, awayPause(failures)), ending.signal);
    }
  };

  // Whoever waits for it hears of the failure; nobody has to.
  tried.promise.catch(() => undefined);
  const finished = run();
  return {
    instance,
    address,
    isNew,
    tried: tried.promise,
    prepared: prepared.promise,
    ending: ending.signal,
    entry: () => ({ instance, kind: "external", where, isReady, ...(problem === undefined ? {} : { problem }) }),
    stop: () => {
      ending.abort();
      return finished;
    },
  };
}

function isOlder(error: unknown): boolean {
  return isPostriderError(error) && error.code === "DBS-100006";
}

function hash(url: string): string {
  return createHash("sha256").update(url).digest("hex");
}

function readMarker(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
