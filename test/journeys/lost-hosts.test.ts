/** A host loses power, or is never heard of again: what it may have sent is known as in doubt, and copies are flagged, or not made. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { type JournalFile, listJournals, readJournal } from "#modules/mta/journal/journal-files.ts";
import { makeRecordBatch } from "#modules/mta/journal/journal-record.ts";
import { broadLogStatuses } from "#schemas/codes.ts";
import type { Ending } from "#test/support/endings.ts";
import {
  assertExactLedger,
  copiesByAddress,
  type ExactLedger,
  untilFinished,
  untilFinishedInHaste,
} from "#test/support/exact-ledger.ts";
import {
  anotherHost,
  aRequestedDelivery,
  aSendingPlatform,
  killSenders,
  type SendingPlatform,
} from "#test/support/sending-platform.ts";
import {
  allowSessions,
  expireLeases,
  hurryParts,
  insertRecipients,
  readMessages,
} from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { slowly } from "#test/support/within.ts";

const recipients = 400;
const patient = { limitMs: 60_000 };
const choices = [
  ["sent again, and flagged", true],
  ["held", false],
] as const;

/** Messages of a session that may be on their way. */
const mostUnderWay = 3;

type Sending = SendingPlatform & {
  readonly deliveryId: number;
  /** Open when the end came. */
  readonly sessions: number;
};

/** Half a delivery, sent by processes that are gone. */
async function aHalfSentDelivery(t: Ending, retriesLost: boolean): Promise<Sending> {
  const platform = await aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, recipients, 5);
      // Those that died are counted by stat for a while: there is room beside them.
      await allowSessions(db, 200);
    },
    script: { on: { DOT: slowly(20) } },
    settings: { POSTRIDER_MTA_RETRY_LOST_MESSAGES: String(retriesLost) },
  });
  const deliveryId = await aRequestedDelivery(platform.db, { batchSize: 50 });
  await until(() => platform.sink.messages.length >= recipients / 4, "a quarter of the messages", patient);
  const sessions = platform.sink.openConnections;
  await killSenders(platform.mta);
  assert.ok(platform.sink.messages.length < recipients, "the end came in the middle");
  return { ...platform, deliveryId, sessions };
}

/** Asserts what each choice promises; answers what was counted. */
async function assertFlagged({ db, sink, deliveryId }: Sending, retriesLost: boolean): Promise<ExactLedger> {
  const ledger = await assertExactLedger(db, sink, deliveryId, {
    recipients,
    mostDoubled: retriesLost ? recipients : 0,
  });
  const held = ledger.rows.filter(({ status }) => status === broadLogStatuses.failed);
  assert.equal(held.length, retriesLost ? 0 : ledger.inDoubt);
  assert.ok(ledger.inDoubt > 0);
  return ledger;
}

/**
 * Leaves of a journal what a power cut leaves at least: the first record, which stood before anything was claimed, and all up to the last
 * announcement behind which a content left, since that one was flushed before.
 */
function cutByPower(file: JournalFile): void {
  const { header, records } = readJournal(file);
  assert.ok(
    header?.bootId !== undefined && header.bootId === readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  );
  const left = new Set(records.flatMap((record) => ("atMs" in record ? [record.broadLogId] : [])));
  const kept = records.findLastIndex((record) => "announcedMs" in record && left.has(record.broadLogId));
  const batch = makeRecordBatch();
  batch.add({ ...header, bootId: "the start before" });
  for (const record of records.slice(0, kept + 1)) batch.add(record);
  writeFileSync(file.path, batch.bytes);
}

for (const [fate, retriesLost] of choices) {
  test(`what a power cut took from the journal is in doubt: ${fate}`, async (t) => {
    const sending = await aHalfSentDelivery(t, retriesLost);
    const { home, start, db, sink, deliveryId, sessions } = sending;
    const files = listJournals(join(home.var, "main", "mta", "journal"));
    assert.ok(files.length > 0);
    for (const file of files) cutByPower(file);
    const known = new Set(
      (await readMessages(db, deliveryId)).filter(({ attempts }) => attempts > 0).map(({ address }) => address),
    );
    const unknown = [...copiesByAddress(sink).keys()].filter((address) => !known.has(address));
    const mta = start("mta", "-instance:main");
    await untilFinished(db, deliveryId);
    const ledger = await assertFlagged(sending, retriesLost);
    // Who holds is told of those that were about to leave, and not of all that the children had.
    if (!retriesLost)
      assert.ok(ledger.inDoubt <= unknown.length + mostUnderWay * sessions, `${ledger.inDoubt} in doubt`);
    t.diagnostic(
      `${unknown.length} were taken without a record, ${ledger.inDoubt} in doubt, ${ledger.doubled} doubled`,
    );
    await killSenders(mta);
  });

  test(`what a host had that is never heard of again is in doubt: ${fate}`, async (t) => {
    const sending = await aHalfSentDelivery(t, retriesLost);
    const { db, deliveryId } = sending;
    // Fifteen minutes of a lease, and the minute in which the host might still say what it did.
    assert.ok((await expireLeases(db)) > 0);
    const successor = await anotherHost(t, sending);
    await until(async () => (await hurryParts(db, deliveryId)) > 0, "the parts to have come back", patient);
    await untilFinishedInHaste(db, deliveryId);
    const ledger = await assertFlagged(sending, retriesLost);
    t.diagnostic(`${ledger.inDoubt} in doubt, ${ledger.doubled} doubled`);
    await killSenders(successor);
  });
}
