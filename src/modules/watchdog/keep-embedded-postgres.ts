/** Keeps the embedded PostgreSQL of an instance running, as modules are kept running, and prepares its database. */

import { existsSync } from "node:fs";
import { join } from "node:path";

import { databaseName, embeddedAddress, socketFolder } from "#channels/platform/embedded-database.ts";
import { pause } from "#foundation/clock.ts";
import { databaseSettings } from "#foundation/common-settings.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#foundation/embedded-postgres.ts";
import { describeError } from "#foundation/errors.ts";
import { type Home, instanceFolder } from "#foundation/home.ts";

import type { DatabaseOptions, InstanceDatabase } from "./instance-database.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { provenUpMs, restartDelayMs } from "./restart-delay.ts";

/** Starts the server; when it dies it is started again with the pauses that modules have. */
export function keepEmbeddedPostgres(options: DatabaseOptions): InstanceDatabase {
  const { home, instance, narration } = options;
  const address = embeddedAddress(home, instance);
  const isNew = !existsSync(dataFolder(home, instance));
  const ending = new AbortController();
  const tried = Promise.withResolvers<void>();
  const prepared = Promise.withResolvers<void>();
  let server: EmbeddedPostgres | undefined;
  let isReady = false;
  let wasReady = false;
  let problem: string | undefined = "it is starting";

  const run = async (): Promise<void> => {
    let deaths = 0;
    while (!ending.signal.aborted) {
      const startedMs = performance.now();
      try {
        server = await start(options);
        const preparation = await prepareDatabase(address, { ...options, kind: "embedded" });
        narration.info(`PostgreSQL of ${instance} is ready (pid=${server.pid})`, "watchdog.postgres_ready", {
          instance,
          pid: server.pid,
          durationMs: Math.round(performance.now() - startedMs),
          migrations: preparation.migrations,
        });
        if (!wasReady) options.onPrepared(instance, preparation);
        isReady = wasReady = true;
        problem = undefined;
        tried.resolve();
        prepared.resolve();
        problem = `PostgreSQL ended with code ${await untilEnded(server, ending.signal)}`;
      } catch (error) {
        problem = describeError(error);
        if (!wasReady) return tried.reject(error);
      } finally {
        isReady = false;
        await server?.stop();
      }
      if (ending.signal.aborted) return;
      deaths = performance.now() - startedMs >= provenUpMs ? 1 : deaths + 1;
      narration.error(
        `The database of ${instance}: ${problem}; next start in ${restartDelayMs(deaths) / 1_000} s`,
        "watchdog.postgres_ended",
        {
          instance,
          reason: problem,
          nextStartInMs: restartDelayMs(deaths),
        },
      );
      await pause(restartDelayMs(deaths), ending.signal);
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
    entry: () => ({
      instance,
      kind: "embedded",
      where: socketFolder(home, instance),
      isReady,
      ...(server === undefined || !isReady ? {} : { pid: server.pid }),
      ...(problem === undefined ? {} : { problem }),
    }),
    stop: () => {
      ending.abort();
      return finished;
    },
  };
}

function dataFolder(home: Home, instance: string): string {
  return join(instanceFolder(home, instance), "database");
}

function start({ home, instance, settings, narration }: DatabaseOptions): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({
    dataFolder: dataFolder(home, instance),
    socketFolder: socketFolder(home, instance),
    databaseName: databaseName(instance),
    maintenanceAddress: embeddedAddress(home, instance, "postgres"),
    sharedBuffersMb: settings.of(databaseSettings).sharedBuffersMb,
    onLine: (line) => logServerLine(instance, line, narration),
  });
}

/** What the server says about itself is for a closer look; what went wrong is for everyone. */
function logServerLine(instance: string, line: string, { log }: DatabaseOptions["narration"]): void {
  if (/\b(PANIC|FATAL|WARNING)\b/.test(line) && !/starting up|shutting down/.test(line))
    log.warning("watchdog.postgres", { instance, line });
  else log.debug("watchdog.postgres", { instance, line });
}

function untilEnded(server: EmbeddedPostgres, signal: AbortSignal): Promise<number> {
  const told = new Promise<number>((resolve) => signal.addEventListener("abort", () => resolve(0), { once: true }));
  return signal.aborted ? Promise.resolve(0) : Promise.race([server.ended, told]);
}
