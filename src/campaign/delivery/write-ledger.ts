/** Writes everything that a preparation leaves behind: one ledger row for each recipient, the parts, the links. */

import type { Viewer } from "#datamodel/viewer.ts";
import type { Database, Statements } from "#foundation/database.ts";
import { type DeliveryState, type FailureReason, failureReasons, nameOfCode, sendingModes } from "#schemas/codes.ts";

import type { Delivery } from "./delivery.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import { partSize } from "./part-size.ts";
import {
  allowLargeSorts,
  collectTarget,
  countByReason,
  countSeeds,
  deleteFormerLedger,
  excludeDoubles,
  insertExclusions,
  insertParts,
  insertSeeds,
  keepTargetInMemory,
  pickSample,
  readToday,
  reserveBroadLogIds,
  type Run,
  type TargetCount,
} from "./preparation-store.ts";
import type { TargetCondition } from "./resolve-target.ts";
import { deleteOtherTrackingUrls, insertTrackingUrls } from "./tracking-url-store.ts";
import { applyFilters, applyPressure, type RuleMessages } from "./typology/exclude-by-rules.ts";
import { limitTarget } from "./typology/limit-target.ts";
import type { RuleWorld } from "./typology/load-typology.ts";
import type { Typology } from "./typology/rule.ts";
import { planWaves, type Wave } from "./waves.ts";
import { writeLedgerRows } from "./write-ledger-rows.ts";

export type Ledger = {
  readonly totalTarget: number;
  readonly reject: number;
  readonly toDeliver: number;
  /** Messages to seed addresses; they are in none of the other figures. */
  readonly seeds: number;
  readonly sampleRecipientId: number;
  readonly parts: number;
  readonly waves: number;
  /** `YYYY-MM-DD`, the partition of the rows. */
  readonly logDate: string;
  /** Recipients excluded, by reason. */
  readonly excluded: Readonly<Partial<Record<FailureReason, number>>>;
  /** Recipients excluded by rules, in the words of the rules. */
  readonly excludedByRules: readonly { readonly label: string; readonly count: number }[];
};

export type LedgerTask = {
  readonly db: Database;
  readonly tx: Statements;
  readonly delivery: Delivery;
  readonly settings: DeliverySettings;
  readonly typology: Typology;
  readonly affinity: string;
  readonly contactDate: Date;
  readonly target: TargetCondition;
  readonly world: RuleWorld & { readonly viewer: Viewer };
  /** Stored addresses of the content's links. */
  readonly links: readonly string[];
  /** Tells how far it is, and throws when the delivery is no longer the caller's. */
  readonly advance: (state: DeliveryState) => Promise<void>;
  /** Judges the delivery once it is known how many it is for; throws when it may not go on. */
  readonly control: (toDeliver: number) => Promise<void>;
};

/** What a preparation may take of the database server's memory for a sort or for hashes, which take twice what is allowed for a sort. */
const memoryMb = 128;
/** And for its target: a million recipients take 85. */
const targetMb = 96;

/** Writes the ledger in the caller's transaction, in place of an earlier one. */
export async function writeLedger(task: LedgerTask): Promise<Ledger> {
  const { tx, delivery, links, advance } = task;
  const { deliveryId } = delivery;
  await allowLargeSorts(tx, memoryMb / 2);
  await keepTargetInMemory(tx, targetMb);
  await deleteFormerLedger(tx, deliveryId, delivery.logDate);
  const rules = await exclude(task);
  const counts = await countByReason(tx);
  const toDeliver = counts.find(({ reason }) => reason === 0)?.count ?? 0;
  const totalTarget = counts.reduce((sum, { count }) => sum + count, 0);
  await task.control(toDeliver);
  await advance("targetReady");

  const written = await writeRows(task, totalTarget, toDeliver);
  await insertExclusions(tx, deliveryId, causesOf(counts, rules));
  await advance("personalisation");
  await deleteOtherTrackingUrls(tx, deliveryId, links);
  await insertTrackingUrls(tx, deliveryId, links);
  await advance("messageReady");
  return {
    totalTarget,
    reject: totalTarget - toDeliver,
    toDeliver,
    ...written,
    excluded: sumReasons(counts),
    excludedByRules: counts.flatMap(({ msgId, count }) => {
      const label = rules.get(msgId)?.label;
      return label === undefined ? [] : [{ label, count }];
    }),
  };
}

/** Classic's sequence: addresses, filters, doubles, pressure; then the limit and the control group. */
async function exclude({
  tx,
  delivery,
  settings,
  typology,
  contactDate,
  target,
  world,
  advance,
}: LedgerTask): Promise<RuleMessages> {
  await collectTarget(tx, target, settings.excludes);
  await advance("arbitration");
  const filters = await applyFilters(tx, typology, world);
  if (settings.excludes.doubles) await excludeDoubles(tx);
  const pressures = await applyPressure(tx, typology, delivery, contactDate);
  await limitTarget(tx, settings, world);
  return new Map([...filters, ...pressures]);
}

async function writeRows(
  task: LedgerTask,
  totalTarget: number,
  toDeliver: number,
): Promise<Pick<Ledger, "seeds" | "sampleRecipientId" | "parts" | "waves" | "logDate">> {
  const { db, tx, delivery, settings } = task;
  const { deliveryId } = delivery;
  const logDate = await readToday(tx);
  if (totalTarget === 0) return { seeds: 0, sampleRecipientId: 0, parts: 0, waves: 0, logDate };
  const seeds = toDeliver === 0 ? 0 : await countSeeds(tx, deliveryId, delivery.operationId);
  const firstId = await reserveBroadLogIds(db, seeds + totalTarget);
  const waves = planWaves(settings.waves, toDeliver);
  if (seeds > 0) await insertSeeds(tx, { deliveryId, logDate, firstId });
  // Nothing but one sort at a time, where there is one wave: a million recipients of small domains fit.
  if (waves.length < 2) await allowLargeSorts(tx, memoryMb);
  const size = partSize(toDeliver, delivery.batchSize);
  const goOn = (): Promise<void> => task.advance("targetReady");
  const rows = { deliveryId, logDate, firstId: firstId + seeds };
  await writeLedgerRows({ ...rows, tx, totalTarget, waves, partSize: size, goOn });
  const parts = await insertParts(tx, {
    deliveryId,
    logDate,
    runs: runsOf(firstId, seeds, waves),
    partSize: size,
    priority: delivery.priority,
    affinity: task.affinity,
    sendingMode: sendingModes[settings.sendingMode],
    contactDate: task.contactDate,
  });
  const sampleRecipientId = seeds === 0 ? 0 : await pickSample(tx);
  return { seeds, sampleRecipientId, parts, waves: waves.length, logDate };
}

/** Seed addresses come first, so that whoever looks after the delivery sees what the others are about to get. */
function runsOf(firstId: number, seeds: number, waves: readonly Wave[]): Run[] {
  const runs: Run[] = seeds === 0 ? [] : [{ firstId, count: seeds, wave: 1, delaySec: 0 }];
  let next = firstId + seeds;
  for (const [index, { size, delaySec }] of waves.entries()) {
    runs.push({ firstId: next, count: size, wave: index + 1, delaySec });
    next += size;
  }
  return runs;
}

function causesOf(
  counts: readonly TargetCount[],
  rules: RuleMessages,
): { reason: number; ruleId: number; label: string; count: number }[] {
  return counts
    .filter(({ reason }) => reason !== 0)
    .map(({ reason, msgId, count }) => {
      const rule = rules.get(msgId);
      return {
        reason,
        ruleId: rule?.ruleId ?? 0,
        label: rule?.label ?? nameOfCode(failureReasons, reason) ?? "",
        count,
      };
    });
}

function sumReasons(counts: readonly TargetCount[]): Partial<Record<FailureReason, number>> {
  const sums: Partial<Record<FailureReason, number>> = {};
  for (const { reason, count } of counts) {
    const name = nameOfCode(failureReasons, reason);
    if (reason !== 0 && name !== undefined) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
