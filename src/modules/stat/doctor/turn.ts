/** Whose turn it is to grant for a database, as the database says. */

import type { InstanceVisit } from "#foundation/doctor/check.ts";

import { findHolder, type Holder, readSeat } from "../holder/holder-store.ts";
import { usualPatience } from "../holder/patience.ts";
import { describePlace } from "../holder/process-place.ts";

export type Turn = {
  /** The process that has the lock. */
  readonly holder: Holder | undefined;
  /** True when that is the process of this host. */
  readonly isOwn: boolean;
  /** The longest time until the process of this host grants, where another one granted that is gone; undefined otherwise. */
  readonly waitMs: number | undefined;
};

/** A database that is silent must not take the time of the check. */
const answerLimitMs = 1_500;

/**
 * Asks for it.
 * @param pid of the process of this host
 * @returns undefined when the database does not answer
 */
export async function readTurn({ db, host }: InstanceVisit, pid: number | undefined): Promise<Turn | undefined> {
  const ask = db.transaction(async (tx) => [await findHolder(tx), await readSeat(tx)] as const, answerLimitMs);
  const asked = await ask.catch(() => undefined);
  if (asked === undefined) return undefined;
  const [holder, seat] = asked;
  const isOwn = holder !== undefined && holder.host === host && holder.pid === pid;
  const { freeLooks, lookEveryMs, takeOverMs } = usualPatience;
  const untilLockMs = isOwn ? 0 : freeLooks * lookEveryMs;
  const hasOtherGranted = pid !== undefined && seat !== undefined && seat.place !== describePlace(pid);
  const isNext = hasOtherGranted && (isOwn || holder === undefined);
  return { holder, isOwn, waitMs: isNext ? untilLockMs + takeOverMs : undefined };
}
