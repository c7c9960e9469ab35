/** Runs one module as this process: settings, log and databases are opened for it, and closed after it. */

import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import { databaseAddress } from "#channels/platform/database-address.ts";
import { openLogTransport } from "#channels/logs/logs.ts";
import { systemClock } from "#foundation/clock.ts";
import { databaseSettings, syslogdAddress } from "#foundation/common-settings.ts";
import type { Database } from "#foundation/database.ts";
import { isDatabaseAway } from "#foundation/database-errors.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import { type Home, listInstances, locateHome, parseInstanceName, prepareHome } from "#foundation/home.ts";
import { unknownInstance } from "#foundation/home-errors.ts";
import {
  beginLife,
  type Life,
  orderlyStopMs,
  platformStopMs,
  releaseStartMemory,
  stopWithin,
} from "#foundation/lifecycle.ts";
import { createLog, type Log, type LogTransport, parseTraceFilter, silentLog } from "#foundation/log.ts";
import type { Context, HostContext, InstanceModule, Running } from "#foundation/module.ts";
import { failedExitCode } from "#foundation/run-to-completion.ts";
import { loadSecrets, type Secrets } from "#foundation/secrets.ts";
import { readAllSettings, readSettings, type Settings } from "#foundation/settings.ts";
import { allSections, type RosterEntry } from "#modules/roster.ts";

import { unknownTraceType } from "./errors.ts";
import type { Arguments } from "./parse-arguments.ts";

/** What comes up after the process was told to end has this long to be stopped. */
const lateStopMs = 2_000;
const databaseCloseMs = 3_000;
/** Whoever takes longer says what it waits for. */
const slowStopMs = 15_000;
/** A pause that does not keep the process alive. */
const isNoReason = { ref: false } as const;

/**
 * Runs a module until it is told to end.
 * @returns the exit code: 0 orderly, 1 failed
 * @throws errors of the home, the settings and the arguments, before anything is started
 */
export async function runModule(entry: RosterEntry, { flags }: Arguments): Promise<number> {
  const home = locateHome(process.env);
  prepareHome(home);
  const instance = entry.scope === "instance" ? chooseInstance(home, flags["instance"]) : undefined;
  const secrets = loadSecrets(home);
  const settings = readSettingsOf(entry, instance, home, secrets);

  let lastError: string | undefined;
  let log: Log = silentLog;
  const life = beginLife(
    () => log,
    () => lastError,
  );
  life.tell({ kind: "starting" });
  const transport = openTransport(entry, instance, settings, flags, home);
  log = rememberErrors(createLog(transport, readTraceFilter(flags)), (event) => {
    lastError = event;
  });

  const databases: Database[] = [];
  const context: HostContext = {
    home,
    settings,
    secrets,
    log,
    clock: systemClock,
    host: hostname(),
    processId: `${hostname()}:${process.pid}:${Date.now().toString(36)}`,
    flags,
    instances: listInstances(home),
    openInstance: async (name, options = {}) => {
      const own = name === instance ? settings : readSettingsOf(entry, name, home, secrets);
      const db = await openInstanceDatabase({ entry, home, name, settings: own, log, options });
      databases.push(db);
      return { ...context, settings: own, instance: name, db };
    },
    requestStop: (code) => life.requestStop(code),
  };

  try {
    return await live(entry, context, instance, life);
  } catch (error) {
    // In the foreground the thrown error is what the operator reads, once.
    if (flags["detach"] === true) log.error("process.failed", { reason: describeError(error) });
    life.tell({ kind: "failed", reason: describeError(error) });
    if (!isPostriderError(error)) throw error;
    process.stderr.write(`postrider: ${describeError(error)}\n`);
    // The watchdog throws what was wrong before anything was started: its settings, or its data folder.
    return entry.kind === "watchdog" || entry.kind === "job" ? failedExitCode : 1;
  } finally {
    // A statement that never answers must not keep the process either.
    await Promise.race([
      Promise.allSettled(databases.map((db) => db.close())),
      sleep(databaseCloseMs, undefined, isNoReason),
    ]);
    await transport.close();
    // A module that forgot a timer or a socket must not keep the process: what mattered has been awaited.
    setTimeout(() => process.exit(), 500).unref();
  }
}

/** Starts the module, waits for the reason to end, and stops it. */
async function live(
  entry: RosterEntry,
  context: HostContext,
  instance: string | undefined,
  life: Life,
): Promise<number> {
  context.log.debug("process.starting", { pid: process.pid, node: process.version });
  // A job that did not come to its end has failed, also when it was told to end.
  const cutOff = (code: number): number => (entry.kind === "job" ? failedExitCode : code);
  const module = await entry.load();
  const starting =
    module.scope === "host"
      ? module.start(context)
      : startOnDatabase(module, await context.openInstance(instance ?? ""));
  const started = await Promise.race([starting, life.ended.then((code) => ({ code }))]);
  if ("code" in started) {
    // Told to end while still starting: what comes up late is stopped at once.
    await Promise.race([
      starting.then((late) => late.stop()).catch(() => undefined),
      sleep(lateStopMs, undefined, isNoReason),
    ]);
    return cutOff(started.code);
  }
  life.tell({ kind: "ready" });
  releaseStartMemory();
  context.log.info("process.ready", { pid: process.pid });
  const code = await life.ended;
  const slow = setTimeout(
    () => context.log.warning("process.slow_to_stop", { pid: process.pid, heldBy: describeResources() }),
    slowStopMs,
  );
  const isOrderly = await stopWithin(started, entry.kind === "watchdog" ? platformStopMs : orderlyStopMs);
  clearTimeout(slow);
  context.log.info("process.stopped", { pid: process.pid, isOrderly });
  return isOrderly ? code : cutOff(1);
}

/** Timers, sockets and the like that the process still has, with their numbers. */
function describeResources(): string {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
}

/** The settings of the host or of an instance. The watchdog answers for every file: all their faults are told together. */
function readSettingsOf(entry: RosterEntry, instance: string | undefined, home: Home, secrets: Secrets): Settings {
  const given = { home, sections: allSections, environment: process.env, secrets };
  if (instance !== undefined) return readSettings({ ...given, instance }).settings;
  return entry.kind === "watchdog"
    ? readAllSettings({ ...given, instances: listInstances(home) }).host
    : readSettings(given).settings;
}

/** Opens the database of an instance. The client is loaded here: what needs no database does not pay for it. */
async function openInstanceDatabase(given: {
  entry: RosterEntry;
  home: Home;
  name: string;
  settings: Settings;
  log: Log;
  options: { readonly answerTimeoutMs?: number };
}): Promise<Database> {
  const { openDatabase } = await import("#foundation/database.ts");
  const { maxConnections, connectTimeoutMs } = given.settings.of(databaseSettings);
  return openDatabase({
    address: databaseAddress(given.home, given.name, given.settings),
    applicationName: `${given.entry.name}@${given.name}`,
    maxConnections,
    connectTimeoutMs,
    ...given.options,
    log: given.log,
  });
}

/** Refuses a database of another version; one that is away is waited for by the module itself. */
async function startOnDatabase(module: InstanceModule, context: Context): Promise<Running> {
  const { checkVersion } = await import("#datamodel/check-version.ts");
  try {
    await checkVersion(context.db, context.instance);
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    context.log.warning("process.database_away", { reason: describeError(error) });
  }
  return module.start(context);
}

function chooseInstance(home: Home, flag: string | true | undefined): string {
  const known = listInstances(home);
  const name = parseInstanceName(typeof flag === "string" ? flag : (known[0] ?? "main"));
  if (!known.includes(name)) throw unknownInstance({ name, known });
  return name;
}

function openTransport(
  entry: RosterEntry,
  instance: string | undefined,
  settings: Settings,
  flags: Arguments["flags"],
  home: Home,
): LogTransport {
  const traceFile = flags["tracefile"];
  return openLogTransport({
    ...settings.of(syslogdAddress),
    home,
    module: entry.name,
    instance: instance ?? "default",
    traceFile: typeof traceFile === "string" ? traceFile : undefined,
    // In the foreground an operator watches; below the watchdog, or when told so, lines go to syslogd only.
    // The watchdog and jobs tell their operator in sentences of their own.
    console:
      flags["detach"] !== true &&
      flags["noconsole"] !== true &&
      ((entry.kind !== "watchdog" && entry.kind !== "job") || flags["verbose"] !== undefined),
  });
}

function readTraceFilter(flags: Arguments["flags"]): {
  isVerbose: boolean;
  types: ReturnType<typeof parseTraceFilter>["types"];
} {
  const filter = flags["tracefilter"];
  const { types, unknown } = parseTraceFilter(typeof filter === "string" ? filter : "");
  if (unknown.length > 0) throw unknownTraceType({ unknown });
  return { isVerbose: flags["verbose"] !== undefined, types };
}

function rememberErrors(log: Log, remember: (event: string) => void): Log {
  return {
    ...log,
    error: (event, fields) => {
      const reason = fields?.["reason"];
      remember(typeof reason === "string" ? `${event}: ${reason}`.slice(0, 500) : event);
      log.error(event, fields);
    },
  };
}
