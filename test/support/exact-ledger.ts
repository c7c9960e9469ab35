/** What must hold at the end of every delivery, judged by what the sink has and not by what the product says. */

import assert from "node:assert/strict";

import type { Database } from "#foundation/database.ts";
import { broadLogStatuses, deliveryStates } from "#schemas/codes.ts";

import type { ScriptedSmtp } from "./scripted-smtp.ts";
import { hurryParts, type MessageRow, readDelivery, readMessages, readParts } from "./sending-store.ts";
import { until } from "./until.ts";

export type ExactLedger = {
  readonly rows: readonly MessageRow[];
  /** Copies beyond the first of each message. */
  readonly doubled: number;
  readonly inDoubt: number;
};

/** Message-IDs of the copies that the sink took, by recipient. */
export function copiesByAddress(sink: Pick<ScriptedSmtp, "messages">): Map<string, string[]> {
  const copies = new Map<string, string[]>();
  for (const { to, content } of sink.messages) {
    const id = /^Message-ID: (.*)\r$/im.exec(content.toString("latin1", 0, 4_000))?.[1] ?? "";
    const known = copies.get(to);
    if (known === undefined) copies.set(to, [id]);
    else known.push(id);
  }
  return copies;
}

/** Resolves when a delivery is finished, also while the database is away for a time. */
export async function untilFinished(db: Database, deliveryId: number, limitMs = 90_000): Promise<void> {
  const isFinished = (): Promise<boolean> =>
    readDelivery(db, deliveryId).then(
      ({ state }) => state === deliveryStates.finished,
      () => false,
    );
  await until(isFinished, "the delivery to be finished", { limitMs, stepMs: 50 });
}

/** The same, where nobody waits for the pause before the next attempt, whichever part it is and whenever it begins. */
export async function untilFinishedInHaste(db: Database, deliveryId: number, limitMs = 90_000): Promise<void> {
  const isFinished = async (): Promise<boolean> => {
    await hurryParts(db, deliveryId);
    return (await readDelivery(db, deliveryId)).state === deliveryStates.finished;
  };
  await until(isFinished, "the delivery to be finished", { limitMs, stepMs: 200 });
}

/**
 * Asserts that a finished delivery, the only one that the sink knows, is exact: each recipient has one row, and it is final; the
 * delivery's sums are those of the rows; what is sent is in the sink, and nothing else is; the copies of a message have one Message-ID, and
 * a message of which there are several is flagged as in doubt.
 * @param mostDoubled copies beyond the first that the faults of the test may have cost
 */
export async function assertExactLedger(
  db: Database,
  sink: Pick<ScriptedSmtp, "messages">,
  deliveryId: number,
  { recipients, mostDoubled = 0 }: { recipients: number; mostDoubled?: number },
): Promise<ExactLedger> {
  const rows = await readMessages(db, deliveryId);
  const delivery = await readDelivery(db, deliveryId);
  const sent = rows.filter(({ status }) => status === broadLogStatuses.sent);
  const failed = rows.filter(({ status }) => status === broadLogStatuses.failed);
  assert.equal(new Set(rows.map(({ address }) => address)).size, recipients, "each recipient has a row");
  assert.equal(rows.length, recipients, "and only one");
  assert.equal(sent.length + failed.length, recipients, "each row is final");
  assert.deepEqual(
    delivery,
    { state: deliveryStates.finished, processed: recipients, success: sent.length, error: failed.length },
    "the sums are those of the rows",
  );
  assert.ok(
    (await readParts(db, deliveryId)).every(({ state }) => state !== "waiting" && state !== "claimed"),
    "no part is left",
  );

  const copies = copiesByAddress(sink);
  const lost = sent.filter(({ address }) => !copies.has(address));
  assert.deepEqual(lost, [], "what counts as sent is in the sink");
  const inDoubt = new Set(rows.filter((row) => row.isInDoubt).map(({ address }) => address));
  const known = new Set(sent.map(({ address }) => address));
  const unknown = [...copies.keys()].filter((address) => !known.has(address) && !inDoubt.has(address));
  assert.deepEqual(unknown, [], "what is in the sink counts as sent, or is in doubt");
  const several = [...copies].filter(([, ids]) => ids.length > 1);
  for (const [address, ids] of several) {
    assert.equal(new Set(ids).size, 1, `the copies to ${address} have one Message-ID`);
    assert.ok(ids[0] !== "", "and have one at all");
    assert.ok(inDoubt.has(address), `${address} has ${ids.length} copies and is not flagged as in doubt`);
  }
  const doubled = several.reduce((sum, [, ids]) => sum + ids.length - 1, 0);
  assert.ok(doubled <= mostDoubled, `${doubled} doubled, at most ${mostDoubled} may be`);
  return { rows, doubled, inDoubt: inDoubt.size };
}
