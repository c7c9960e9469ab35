/** Writes the rows of a ledger from a preparation's target, in an order that serves whoever sends them and costs as much per row in a large one as in a small one. */

import type { Statements } from "#foundation/database.ts";

import {
  countTargetPages,
  findLargeDomains,
  insertRest,
  insertStretch,
  insertWaves,
  type LedgerRows,
} from "./ledger-row-store.ts";
import type { Wave } from "./waves.ts";

export type RowsTask = LedgerRows & {
  readonly tx: Statements;
  readonly totalTarget: number;
  readonly waves: readonly Wave[];
  /** How many messages a part holds. */
  readonly partSize: number;
  /** Called before each stretch, of which a large target has several; what it throws ends the writing. */
  readonly goOn: () => Promise<void>;
  /** Recipients of a stretch; unset = as many as stay in a processor's cache with their place in the index of recipients. */
  readonly stretchSize?: number;
};

/** 13 MB to sort, and 4 MB of the index. */
const usualStretch = 131_072;
/** A stretch has at least so many parts of a large domain: two, so that most parts hold one domain only. */
const leastParts = 2;

/**
 * Writes one row for each recipient: those to be sent to first, by wave and domain, then those excluded. A large target is gone through in
 * stretches, each domain by domain: the table and its index of recipients are then written where they were just read. Domains that a stretch
 * would have few of stay together, behind them.
 */
export async function writeLedgerRows(task: RowsTask): Promise<void> {
  const { tx, waves } = task;
  const sizes = waves.map(({ size }) => size);
  await (waves.length > 1 ? insertWaves(tx, task, sizes) : writeOneWave(task));
}

async function writeOneWave(task: RowsTask): Promise<void> {
  const { tx, totalTarget, partSize, goOn, stretchSize = usualStretch } = task;
  const stretches = Math.floor(totalTarget / stretchSize);
  const domains = stretches < 2 ? [] : await findLargeDomains(tx, stretches * partSize * leastParts);
  let { firstId } = task;
  if (domains.length > 0) {
    const pages = await countTargetPages(tx);
    const startOf = (stretch: number): number => Math.floor((pages * stretch) / stretches);
    for (let stretch = 0; stretch < stretches; stretch += 1) {
      await goOn();
      const place = { fromPage: startOf(stretch), toPage: startOf(stretch + 1) };
      firstId += await insertStretch(tx, { ...task, firstId }, domains, place);
    }
    await goOn();
  }
  await insertRest(tx, { ...task, firstId }, domains);
}
