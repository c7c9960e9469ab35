/** Carries out what mails report, in one transaction with the note that they were read: a mail counts once, wholly or not at all. */

import { optOutRecipients } from "#campaign/audience/opt-out-recipients.ts";
import { recordBounces } from "#campaign/broadlog/record-bounces.ts";
import { denyAddress } from "#campaign/quarantine/deny-address.ts";
import type { Database, Statements } from "#foundation/database.ts";
import { failureReasons, failureTypes } from "#schemas/codes.ts";

import type { Effect } from "./decide-effect.ts";
import { type InboundMailRow, insertInboundMails, type MessageOwner, selectOwners } from "./inbound-mail-store.ts";
import type { OpenedMail } from "./open-mail.ts";

export type Applied = "applied" | "known";

/**
 * Applies mails together.
 * @returns for each, in order, whether it was new or had been read before
 * @throws errors of the database, and then nothing has been applied
 */
export function applyReports(db: Database, mails: readonly OpenedMail[], at: Date): Promise<Applied[]> {
  return db.transaction(async (tx) => {
    const distinct = new Map(mails.map((mail) => [mail.mailKey, mail]));
    const fresh = new Set(await insertInboundMails(tx, [...distinct.values()].map(toRow), at));
    const effects = [...distinct.values()].filter(({ mailKey }) => fresh.has(mailKey)).map(({ effect }) => effect);
    await applyBounces(tx, effects, at);
    await applyOwnersWishes(tx, effects, at);
    return mails.map(({ mailKey }) => (fresh.delete(mailKey) ? "applied" : "known"));
  });
}

async function applyBounces(tx: Statements, effects: readonly Effect[], at: Date): Promise<void> {
  const bounces = effects
    .filter((effect) => effect.kind === "bounce")
    .map(({ identity, qualification, text }) => ({
      ...identity,
      failureType: failureTypes[qualification.type],
      failureReason: failureReasons[qualification.reason],
      text,
      at,
    }));
  if (bounces.length > 0) await recordBounces(tx, bounces);
}

async function applyOwnersWishes(tx: Statements, effects: readonly Effect[], at: Date): Promise<void> {
  const wishes = effects.filter((effect) => effect.kind === "complaint" || effect.kind === "unsubscribe");
  if (wishes.length === 0) return;
  const owners = new Map(
    (
      await selectOwners(
        tx,
        wishes.map(({ identity }) => identity),
      )
    ).map((owner) => [owner.broadLogId, owner]),
  );
  const complaints = new Map<string, { text: string; deliveryId: number }>();
  const leaving: MessageOwner[] = [];
  for (const wish of wishes) {
    const owner = owners.get(wish.identity.broadLogId);
    if (owner === undefined) continue;
    if (wish.kind === "unsubscribe") leaving.push(owner);
    else complaints.set(owner.address, { text: wish.text, deliveryId: wish.identity.deliveryId });
  }
  const sorted = [...complaints].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [address, { text, deliveryId }] of sorted) await denyAddress(tx, address, { text, deliveryId, at });
  if (leaving.length > 0)
    await optOutRecipients(
      tx,
      leaving.map(({ recipientId }) => recipientId).sort((a, b) => a - b),
    );
}

function toRow({ mailKey, effect }: OpenedMail): InboundMailRow {
  const identity = "identity" in effect ? effect.identity : undefined;
  const qualification = effect.kind === "bounce" ? effect.qualification : undefined;
  return {
    mailKey,
    kind: effect.kind === "noted" ? effect.as : effect.kind,
    deliveryId: identity?.deliveryId ?? 0,
    broadLogId: identity?.broadLogId ?? 0,
    failureType: failureTypes[qualification?.type ?? "none"],
    failureReason: failureReasons[qualification?.reason ?? "notDefined"],
    diagnostic: "text" in effect ? storable(effect.text) : "",
  };
}

/** Text as PostgreSQL takes it. */
function storable(text: string): string {
  return text.replaceAll("\0", " ").toWellFormed().slice(0, 1_000);
}
