/** A whole platform for a journey: the watchdog and all its modules as real processes, with ports and a data folder of their own. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { type PlatformStatus, type ProcessEntry } from "#channels/control/control-messages.ts";
import { readStatus } from "#channels/control/control.ts";
import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import { type Home, locateHome, programFolder } from "#foundation/home.ts";

import { anEmptyDatabaseAddress } from "./database.ts";
import { type Ending, inReverse } from "./endings.ts";
import { freePorts } from "./free-ports.ts";
import { aFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

export type Platform = {
  readonly home: Home;
  /** Variables that a command needs to be part of this platform. */
  readonly environment: NodeJS.ProcessEnv;
  readonly watchdog: ChildProcess;
  /** What the watchdog has printed so far. */
  said(): string;
  readonly webUrl: string;
  /** A connection of the test's own to the database of `main`. */
  readonly db: Database;
  status(): Promise<PlatformStatus>;
  /** The process of a module, once it is ready. */
  ready(module: string): Promise<ProcessEntry & { pid: number }>;
  /** Runs a verb of the command; answers its exit code and what it printed. */
  run(...words: string[]): Promise<{ code: number; output: string }>;
  /** Ends the platform as SIGTERM does, and waits for its end. */
  stop(): Promise<void>;
};

/** Pauses short enough for a test, each a setting of the product. */
const quick: Readonly<Record<string, string>> = {
  POSTRIDER_MTA_RETRY_PERIOD_SEC: "1",
  POSTRIDER_TRACKING_POLL_PERIOD_SEC: "1",
  POSTRIDER_WFSERVER_DATA_BASE_POOL_PERIOD_SEC: "1",
};

/** Starts a platform on an outside database and waits until all modules are ready. */
export async function aPlatform(test: Ending, variables: Readonly<Record<string, string>> = {}): Promise<Platform> {
  const t = inReverse(test);
  const root = aFolder(t);
  const home = locateHome({ POSTRIDER_HOME: root });
  const address = await anEmptyDatabaseAddress(t);
  const ports = await freePorts();
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...ports,
    ...quick,
    POSTRIDER_HOME: root,
    POSTRIDER_DATABASE_URL: address.url,
    POSTRIDER_ADMIN_PASSWORD: "a long enough first password",
    ...variables,
  };
  const watchdog = startWatchdog(environment);
  const said = collect(watchdog);
  t.after(() => endProcess(watchdog));
  await until(async () => isReady(home, watchdog, said), "the platform to be ready", { limitMs: 60_000 });
  const db = openOwn(address, t);
  return {
    home,
    environment,
    watchdog,
    said: () => said.join(""),
    webUrl: `http://127.0.0.1:${ports["POSTRIDER_WEB_PORT"] ?? ""}`,
    db,
    status: () => readStatus(home),
    ready: (module) =>
      until(
        async () => {
          const found = (await readStatus(home)).processes.find(
            (entry) => entry.module === module && entry.state === "ready",
          );
          return found?.pid === undefined ? undefined : { ...found, pid: found.pid };
        },
        `${module} to be ready`,
        { limitMs: 30_000 },
      ),
    run: (...words) => runVerb(words, environment),
    stop: () => endProcess(watchdog),
  };
}

/** Starts the watchdog as an operator's script would. */
export function startWatchdog(environment: NodeJS.ProcessEnv): ChildProcess {
  return spawn(join(programFolder, "bin/postrider"), ["watchdog"], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a verb to its end. */
export function runVerb(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  const child = spawn(join(programFolder, "bin/postrider"), words, {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = collect(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output: said.join("") }));
  });
}

async function isReady(home: Home, watchdog: ChildProcess, said: readonly string[]): Promise<boolean> {
  if (watchdog.exitCode !== null) throw new Error(`the watchdog ended: ${said.join("")}`);
  const status = await readStatus(home).catch(() => undefined);
  return status?.phase === "ready";
}

function collect(child: ChildProcess): string[] {
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  return said;
}

function openOwn(address: DatabaseAddress, t: Ending): Database {
  const db = openDatabase({ address, applicationName: "journey", maxConnections: 3 });
  t.after(() => db.close());
  return db;
}

function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  child.kill("SIGTERM");
  return ended;
}
