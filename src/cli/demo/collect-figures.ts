/** Step: counts everything twice, where it was done and where it was written down. */

import { broadLogStatuses, failureReasons } from "#schemas/codes.ts";

import {
  countDuplicates,
  countInboundMails,
  countInbox,
  countLedger,
  type LedgerLine,
  readDelivery,
  type Tally,
} from "./demo-store.ts";
import { stepFailed } from "./errors.ts";
import type { Exported } from "./export-list.ts";
import { compare, type Figures } from "./figures.ts";
import type { Played } from "./play-recipients.ts";
import type { SentDelivery } from "./send-delivery.ts";
import type { Stage } from "./stage.ts";

const excludedBecause: Readonly<Record<number, string>> = {
  [failureReasons.addressNotSpecified]: "without a usable address",
  [failureReasons.denylisted]: "opted out",
  [failureReasons.quarantined]: "in quarantine",
  [failureReasons.double]: "doubles",
};

export type Done = {
  readonly imported: Figures["import"];
  readonly sent: SentDelivery;
  readonly played: Played;
  readonly exported: Exported;
  readonly seconds: number;
};

/** Reads ledger, inbox and counters, and compares them with each other and with what the demo itself did. */
export async function collectFigures(
  { db }: Stage,
  { imported, sent, played, exported, seconds }: Done,
): Promise<Figures> {
  const delivery = await readDelivery(db, sent.deliveryId);
  if (delivery === undefined) throw stepFailed({ step: "counting", reason: "the delivery is gone" });
  const ledger = await countLedger(db, sent.deliveryId, sent.logDate);
  const inbox = await countInbox(db, sent.messageIdPattern);
  const notices = await countInboundMails(db, sent.deliveryId);

  const inStatus = (status: number): number => sum(ledger.filter((line) => line.status === status));
  const kept = sum(inbox);
  const pending = inStatus(broadLogStatuses.pending);
  const failed = inStatus(broadLogStatuses.failed);
  const returned = {
    bounces: named(notices, "bounce"),
    complaints: named(notices, "complaint"),
    automaticReplies: named(notices, "autoReply"),
  };
  return {
    seconds,
    import: imported,
    delivery: {
      target: delivery.totalTarget,
      excluded: countExclusions(ledger),
      toDeliver: delivery.toDeliver,
      sent: delivery.success,
      refused: delivery.error - delivery.bouncedLater,
      deferred: pending,
      bouncedLater: delivery.bouncedLater,
    },
    inbox: { kept, duplicates: (await countDuplicates(db, sent.messageIdPattern)) ?? 0 },
    returned,
    readers: {
      opened: delivery.recipientOpen,
      clicked: delivery.recipientClick,
      clicks: delivery.totalRecipientClick,
      unsubscribed: delivery.optOut,
    },
    export: { rows: exported.rows },
    checks: [
      compare("every recipient of the target has one row in the ledger", sum(ledger), delivery.totalTarget),
      compare(
        "sent in the ledger (and bounced later) = kept by the inbox",
        inStatus(broadLogStatuses.sent) + delivery.bouncedLater,
        kept,
      ),
      compare(
        "the delivery's counters = rows of the ledger",
        delivery.success + delivery.error + pending,
        inStatus(broadLogStatuses.sent) + failed + pending,
      ),
      compare(
        "bounce notices of the inbox = read by inMail = changed in the ledger",
        named(inbox, "bounced"),
        Math.min(returned.bounces, delivery.bouncedLater),
      ),
      compare("complaints of the inbox = read by inMail", named(inbox, "complained"), returned.complaints),
      compare("automatic replies of the inbox = read by inMail", named(inbox, "answered"), returned.automaticReplies),
      compare(
        "opened or unsubscribed by recipients = counted as opened (a hit implies it)",
        played.openers + played.optOuts,
        delivery.recipientOpen,
      ),
      compare("clicks of recipients = counted", played.clicks, delivery.totalRecipientClick),
      compare("unsubscribed by recipients = counted", played.optOuts, delivery.optOut),
      compare("requests that were not answered as they should be = none", played.failures, 0),
    ],
  };
}

function countExclusions(ledger: readonly LedgerLine[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, failureReason, count } of ledger) {
    if (status !== broadLogStatuses.ignored) continue;
    const reason = excludedBecause[failureReason] ?? `reason ${failureReason}`;
    counts[reason] = (counts[reason] ?? 0) + count;
  }
  return counts;
}

function sum(lines: readonly { readonly count: number }[]): number {
  return lines.reduce((total, { count }) => total + count, 0);
}

function named(tallies: readonly Tally[], name: string): number {
  return tallies.find((tally) => tally.name === name)?.count ?? 0;
}
