/** F16, F19 and I3 with faults that the system itself hands to a running child: strace's injected errors, and a limit on files. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Ending } from "#test/support/endings.ts";
import { assertExactLedger, untilFinished } from "#test/support/exact-ledger.ts";
import { aFalteringDatabase, type FalteringDatabase } from "#test/support/faltering-database.ts";
import {
  aRequestedDelivery,
  aSendingPlatform,
  listChildren,
  type SendingPlatform,
} from "#test/support/sending-platform.ts";
import { insertRecipients } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { slowly, within } from "#test/support/within.ts";

import { startProgram } from "./start-program.ts";

const recipients = 1_000;
const never = new Promise<never>(() => undefined);

type Sending = SendingPlatform & {
  readonly deliveryId: number;
  readonly way: FalteringDatabase;
  readonly child: number;
};

/** One child that is sending, slowly enough for a fault to fall into it, with a database that can be taken away. */
async function aSendingChild(t: Ending): Promise<Sending> {
  let way: FalteringDatabase | undefined;
  const platform = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, recipients, 5),
    script: { on: { DOT: slowly(50) } },
    settings: { POSTRIDER_MTA_MASTER_MAX_SPARE_SERVERS: "1" },
    reach: async (address) => {
      way = await aFalteringDatabase(t, address);
      return way.address;
    },
  });
  const deliveryId = await aRequestedDelivery(platform.db, { batchSize: 500 });
  await until(() => platform.sink.messages.length >= 40, "some messages", { limitMs: 60_000 });
  const [child] = listChildren(platform.mta.pid);
  assert.ok(child !== undefined && way !== undefined);
  return { ...platform, deliveryId, way, child };
}

/** Hands an error to system calls of a process; the answered function takes the hand off again. */
async function inject(t: Ending, pid: number, fault: string): Promise<() => Promise<void>> {
  const call = fault.split(":")[0] ?? "";
  const strace = startProgram(t, "strace", ["-f", "-p", String(pid), "-e", `trace=${call}`, "-e", `inject=${fault}`]);
  await until(() => / attached/.test(strace.said()), "strace to be attached");
  return () => strace.end();
}

/** No file of the process can grow any more; the answered function gives it room again. */
async function fillDisk(t: Ending, pid: number): Promise<() => Promise<void>> {
  const limit = async (bytes: string): Promise<void> => {
    const prlimit = startProgram(t, "prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);
    assert.match(await until(() => prlimit.hasEnded(), "the limit to be set"), /ended with 0/);
  };
  await limit("0");
  return () => limit("unlimited");
}

function countJournals({ home }: Sending): number {
  return readdirSync(join(home.var, "main", "mta", "journal")).length;
}

/** Asserts that no content is begun from two seconds after the fault on. */
async function assertNothingBegins({ sink }: Sending): Promise<void> {
  const countContents = (): number => sink.commands.filter((line) => line === "DATA").length;
  await within(2_000, never);
  const begun = countContents();
  await within(2_000, never);
  assert.equal(countContents(), begun, "no DATA two seconds after the fault");
  assert.ok(sink.messages.length < recipients, "the fault came in the middle");
}

test("F19: a flush of the journal that fails once is not trusted: a new file is begun, nothing is lost or doubled", async (t) => {
  const sending = await aSendingChild(t);
  assert.equal(countJournals(sending), 1);
  const stop = await inject(t, sending.child, "fdatasync:error=EIO:when=2");
  await until(() => countJournals(sending) > 1, "a second file", { stepMs: 2 });
  await stop();
  await untilFinished(sending.db, sending.deliveryId);
  await assertExactLedger(sending.db, sending.sink, sending.deliveryId, { recipients });
});

for (const [name, isFull] of [
  ["a disk that keeps nothing", false],
  ["a full disk", true],
] as const) {
  test(`I3: with ${name} and no database nothing is begun within two seconds, and all goes on afterwards`, async (t) => {
    const sending = await aSendingChild(t);
    const { way, child, db, sink, deliveryId } = sending;
    const stop = await (isFull ? fillDisk(t, child) : inject(t, child, "fdatasync:error=EIO:when=1+"));
    way.refuse();
    await assertNothingBegins(sending);
    await stop();
    way.comeBack();
    await untilFinished(db, deliveryId);
    await assertExactLedger(db, sink, deliveryId, { recipients });
  });
}

test("F16: with a full disk and a database the outcomes go into the database, and sending goes on", async (t) => {
  const { child, db, sink, deliveryId } = await aSendingChild(t);
  const empty = await fillDisk(t, child);
  const sentBefore = sink.messages.length;
  await until(() => sink.messages.length > sentBefore + 200, "further messages", { limitMs: 60_000 });
  await empty();
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients });
});
