/** What sends: stat, trackinglogd and mta with its children as real processes, on a database and a sink of the test's own. */

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { requestSend } from "#campaign/delivery/request-send.ts";
import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import { type Home, locateHome, prepareHome } from "#foundation/home.ts";

import { shareCompileCache } from "./compile-cache.ts";
import { aDatabaseAddress } from "./database.ts";
import { type Ending, inReverse } from "./endings.ts";
import { freePorts } from "./free-ports.ts";
import { type ModuleProcess, startModule } from "./module-process.ts";
import { aScriptedSmtp, type Script, type ScriptedSmtp } from "./scripted-smtp.ts";
import { setAffinity } from "./sending-store.ts";
import { aFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

export type SendingPlatform = {
  readonly home: Home;
  readonly db: Database;
  readonly sink: ScriptedSmtp;
  readonly environment: Record<string, string>;
  readonly stat: ModuleProcess;
  readonly mta: ModuleProcess;
  /** Starts another process of the same instance. */
  start(...words: string[]): ModuleProcess;
};

/** Starts everything that a delivery needs to leave. */
export async function aSendingPlatform(
  test: Ending,
  given: {
    script?: Script;
    settings?: Record<string, string>;
    before?: (db: Database) => Promise<void>;
    /** How the processes reach the database, when not as the test does. */
    reach?: (address: DatabaseAddress) => Promise<DatabaseAddress>;
  } = {},
): Promise<SendingPlatform> {
  const t = inReverse(test);
  const home = locateHome({ POSTRIDER_HOME: aFolder(t) });
  prepareHome(home);
  shareCompileCache(home);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 3 });
  t.after(() => db.close());
  await given.before?.(db);
  const sink = await aScriptedSmtp(t, given.script);
  const environment = {
    ...(await freePorts()),
    POSTRIDER_DATABASE_URL: (await (given.reach?.(address) ?? address)).url,
    POSTRIDER_INBOX_PORT: String(sink.port),
    ...given.settings,
  };
  const start = (...words: string[]): ModuleProcess => startModule(t, home, words, environment);
  const stat = start("stat", "-instance:main");
  await Promise.all([stat.ready, start("trackinglogd").ready]);
  const mta = start("mta", "-instance:main");
  // A child whose parent was killed at the end of the test goes by itself: it must be gone before its database is.
  t.after(async () => {
    const children = listChildren(mta.pid);
    await mta.end("SIGKILL");
    await until(() => children.every((pid) => !isRunning(pid)), "the children to be gone");
  });
  await mta.ready;
  return { home, db, sink, environment, stat, mta, start };
}

/** A second mta, as on another host: a folder of its own, the same key, settings and database. */
export async function anotherHost(test: Ending, { home, environment }: SendingPlatform): Promise<ModuleProcess> {
  const t = inReverse(test);
  const other = locateHome({ POSTRIDER_HOME: aFolder(t) });
  prepareHome(other);
  shareCompileCache(other);
  copyFileSync(join(home.conf, "secret.key"), join(other.conf, "secret.key"));
  writeFileSync(join(other.conf, "instance-main.toml"), "");
  const mta = startModule(t, other, ["mta", "-instance:main"], environment);
  await mta.ready;
  return mta;
}

/** Ends mta and its children at once, as a kill or a power cut does, and waits until they are gone. */
export async function killSenders(mta: Pick<ModuleProcess, "pid">): Promise<void> {
  await killAll([mta.pid, ...listChildren(mta.pid)]);
}

/** Kills at once, and waits until they are gone. */
export async function killAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  await until(() => pids.every((pid) => !isRunning(pid)), "the processes to be gone");
}

/** Requests a delivery to every recipient. */
export async function aRequestedDelivery(
  db: Database,
  given: { batchSize?: number; affinity?: string; htmlSource?: string; textSource?: string } = {},
): Promise<number> {
  const { deliveryId } = await createDelivery(db, {
    label: "A delivery",
    subject: "Hello <%= recipient.firstName %>",
    fromAddress: "news@example.org",
    htmlSource:
      given.htmlSource ?? '<p>Dear <%= recipient.firstName %>, <a href="https://example.org/offer">look</a></p>',
    textSource: given.textSource ?? "Dear <%= recipient.firstName %>",
    target: { all: true },
    batchSize: given.batchSize ?? 0,
  });
  if (given.affinity !== undefined) await setAffinity(db, deliveryId, given.affinity);
  await requestSend(db, deliveryId);
  return deliveryId;
}

/** Pids of the running mtachild processes of a server. */
export function listChildren(parentPid: number): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const status = readProc(name, "status");
    const isChild =
      new RegExp(`^PPid:\\s+${parentPid}$`, "m").test(status) && readProc(name, "cmdline").includes("mtachild");
    return isChild ? [Number(name)] : [];
  });
}

/** True while the process is there and not a zombie. */
export function isRunning(pid: number): boolean {
  const status = readProc(String(pid), "status");
  return status !== "" && !/^State:\s+Z/m.test(status);
}

/** Addresses that the sink has, with how often. */
export function countByAddress(sink: ScriptedSmtp): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { to } of sink.messages) counts.set(to, (counts.get(to) ?? 0) + 1);
  return counts;
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(join("/proc", pid, file), "utf8");
  } catch {
    return "";
  }
}
