/** The real thing: syslogd, stat, trackinglogd and mta as processes on a database of the bench's own, and one delivery measured. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { requestPreparation } from "#campaign/delivery/request-preparation.ts";
import { requestSend } from "#campaign/delivery/request-send.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import { locateHome, prepareHome, programFolder } from "#foundation/home.ts";
import { deliveryStates } from "#schemas/codes.ts";
import { startCluster, templateName } from "#test/support/cluster.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";

import { endWithBench } from "../support/end-with-bench.ts";
import { countSent, makeAudience, type Progress, readProgress } from "./ledger-store.ts";
import { htmlSource, sender, subject } from "./newsletter.ts";
import { findBelow, readCpuSec, readMostMemoryMb } from "./process-tree.ts";
import type { Sink } from "./roles.ts";

export type Sending = {
  readonly seconds: number;
  readonly cpuSec: number;
  /** Of PostgreSQL. */
  readonly databaseCpuSec: number;
  readonly memoryMb: number;
  readonly transactionsPerMessage: number;
  /** Each recipient has one final row, and the counters say the same. */
  readonly isExact: boolean;
};

export type Platform = {
  /** Prepares a delivery to everybody, then measures from its start until every outcome is in the database. */
  send(sink: Sink, pem: string | undefined): Promise<Sending>;
  stop(): Promise<void>;
};

const lookEveryMs = 50;

/**
 * Starts a database with so many recipients, and what sends needs.
 * @param mtaEnvironment what mta and its children are started with besides
 */
export async function startPlatform(
  recipients: number,
  mtaEnvironment: Readonly<Record<string, string>> = {},
): Promise<Platform> {
  const root = makeFolder();
  endWithBench(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const home = locateHome({ POSTRIDER_HOME: root });
  prepareHome(home);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const cluster = await startCluster();
  const forgetCluster = endWithBench(() => cluster.stop());
  const address = cluster.address(templateName);
  const db = openDatabase({ address, applicationName: "bench", maxConnections: 2 });
  await makeAudience(db, recipients);
  const environment = { ...(await freePorts()), POSTRIDER_HOME: root, POSTRIDER_DATABASE_URL: address.url };
  const children: ChildProcess[] = [];
  const start = async (words: readonly string[], settings: Record<string, string> = {}): Promise<ChildProcess> => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(programFolder, "src/cli/main.ts"), ...words, "-detach"],
      { stdio: ["ignore", "ignore", "inherit", "ipc"], env: { ...process.env, ...environment, ...settings } },
    );
    children.push(child);
    endWithBench(() => void child.kill("SIGKILL"));
    await once(child, "message");
    return child;
  };
  await Promise.all([start(["syslogd"]), start(["stat", "-instance:main"]), start(["trackinglogd"])]);

  return {
    send: async (sink, pem) => {
      const settings: Record<string, string> = {
        ...mtaEnvironment,
        POSTRIDER_MTA_ROUTE: "relay",
        POSTRIDER_MTA_RELAY_ADDRESS: "127.0.0.1",
        POSTRIDER_MTA_RELAY_PORT: String(sink.port),
      };
      if (pem !== undefined) {
        writeFileSync(join(home.conf, "dkim.pem"), pem);
        settings["POSTRIDER_DKIM_DOMAIN"] = "sender.example";
        settings["POSTRIDER_DKIM_PRIVATE_KEY_FILE"] = "dkim.pem";
      }
      const mta = await start(["mta", "-instance:main"], settings);
      const sending = await measure(db, mta.pid ?? 0, recipients);
      mta.kill("SIGTERM");
      await once(mta, "exit");
      return sending;
    },
    stop: async () => {
      for (const child of children) child.kill("SIGKILL");
      await db.close();
      forgetCluster();
      await cluster.stop();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function measure(db: Database, mtaPid: number, recipients: number): Promise<Sending> {
  const { deliveryId } = await createDelivery(db, {
    label: "The bench",
    subject,
    fromAddress: sender,
    htmlSource,
    target: { all: true },
  });
  await requestPreparation(db, deliveryId);
  await waitFor(db, deliveryId, ({ state }) => state === deliveryStates.ready);
  const before = await readProgress(db, deliveryId);
  const cpuBefore = readCpuSec(mtaPid);
  const postgresPid = findBelow(process.pid, "postgres");
  const databaseBefore = readCpuSec(postgresPid);
  const startedMs = performance.now();
  await requestSend(db, deliveryId);
  let memoryMb = 0;
  const after = await waitFor(db, deliveryId, ({ success, state }) => {
    memoryMb = Math.max(memoryMb, readMostMemoryMb(mtaPid));
    return success === recipients || state === deliveryStates.finished;
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuSec = readCpuSec(mtaPid) - cpuBefore;
  const databaseCpuSec = readCpuSec(postgresPid) - databaseBefore;
  const sent = await countSent(db, deliveryId);
  return {
    seconds,
    cpuSec,
    databaseCpuSec,
    memoryMb,
    transactionsPerMessage: (after.transactions - before.transactions) / recipients,
    isExact: after.success === recipients && sent.rows === recipients && sent.recipients === recipients,
  };
}

async function waitFor(
  db: Database,
  deliveryId: number,
  isReached: (progress: Progress) => boolean,
): Promise<Progress> {
  for (;;) {
    const progress = await readProgress(db, deliveryId);
    if (progress.state === deliveryStates.preparationFailed || progress.state === deliveryStates.failed)
      throw new Error(`the delivery is in state ${progress.state}`);
    if (isReached(progress)) return progress;
    await sleep(lookEveryMs);
  }
}
