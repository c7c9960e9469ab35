/** Claims parts while there is room for their messages, keeps their leases, and halts what may no longer be sent. */

import type { Database } from "#foundation/database.ts";
import type { Log } from "#foundation/log.ts";
import { type Loop, repeat } from "#foundation/repeat.ts";

import { claimPart, findClaimablePart, renewParts } from "../part-store.ts";
import { beginRun, type PartRun } from "./part-run.ts";

export type PartClaims = {
  /** Parts that are worked on. */
  readonly active: number;
  /** Messages of all parts since the start. */
  readonly claimedMessages: number;
  /** True while every lease is surely ours. */
  readonly areLeasesFresh: boolean;
  /** Looks for parts, and at the state of deliveries, now. */
  wake(): void;
  /** Looks for parts if there is room, unless there were none a moment ago. */
  refill(): void;
  /** Claims nothing more and halts every part; resolves when all are closed or the limit is reached. */
  stop(limitMs: number): Promise<void>;
};

/** Messages since the start, and those of them that are still being routed. */
export type Held = { readonly claimed: number; readonly unrouted: number };

/** The child's answer to a pause comes within this time, also when no notice arrives. */
const renewEveryMs = 5_000;
const claimEveryMs = 1_000;
/** Messages end thousands of times a second. */
const refillLookMs = 5;

/**
 * Claims parts and runs them.
 * @param run sends a part and closes it; must not throw
 * @param hasRoom whether another part may be claimed, after so many messages since the start, of which some are still being routed
 * @param crowd what can make room for a part, where that is all that is missing
 * @param onHalt takes back the messages of a part that have not begun
 */
export function claimParts(options: {
  db: Database;
  childId: string;
  leaseSec: number;
  /** IP affinities that this host declares. */
  affinities?: readonly string[];
  log: Log;
  elapsedMs: () => number;
  run: (run: PartRun) => Promise<void>;
  hasRoom: (messages: Held) => boolean;
  crowd: { isThere(messages: Held): boolean; clear(messages: Held): void };
  onHalt: (run: PartRun) => void;
}): PartClaims {
  const { db, childId, leaseSec, log, elapsedMs } = options;
  const runs = new Map<number, PartRun>();
  const closing = new Set<Promise<void>>();
  let claimedMessages = 0;
  let noneUntilMs = 0;
  let lookedMs = 0;
  let isClaiming = false;
  const stopping = new AbortController();

  const start = (run: PartRun): void => {
    runs.set(run.part.partId, run);
    claimedMessages += run.part.messageCount;
    const work = options.run(run).finally(() => {
      runs.delete(run.part.partId);
      closing.delete(work);
      claiming.wake();
    });
    closing.add(work);
  };
  const halt = (run: PartRun): void => {
    if (run.isHalted) return;
    run.isHalted = true;
    options.onHalt(run);
  };

  const held = (): Held => ({
    claimed: claimedMessages,
    unrouted: [...runs.values()].reduce((sum, run) => sum + run.unrouted, 0),
  });
  /** Nobody gives up room unless a part waits for it. */
  const makeRoom = async (): Promise<boolean> => {
    if (!options.crowd.isThere(held())) return false;
    if ((await findClaimablePart(db, options.affinities)) === undefined) {
      noneUntilMs = elapsedMs() + claimEveryMs;
      return false;
    }
    options.crowd.clear(held());
    return options.hasRoom(held());
  };

  const claimAll = async (): Promise<void> => {
    while (!stopping.signal.aborted && (options.hasRoom(held()) || (await makeRoom()))) {
      const beforeMs = elapsedMs();
      const part = await claimPart(db, childId, leaseSec, options.affinities);
      if (part === undefined) {
        noneUntilMs = elapsedMs() + claimEveryMs;
        return;
      }
      start(beginRun(part, beforeMs));
    }
  };
  const claiming: Loop = repeat({ log, event: "mta.claim", intervalMs: claimEveryMs }, () => {
    isClaiming = true;
    return claimAll().finally(() => {
      isClaiming = false;
    });
  });

  const renewing: Loop = repeat({ log, event: "mta.renew", intervalMs: renewEveryMs }, async () => {
    if (runs.size === 0) return;
    const asked = [...runs.values()];
    const beforeMs = elapsedMs();
    const renewed = new Map(
      (
        await renewParts(
          db,
          childId,
          asked.map(({ part }) => part.partId),
          leaseSec,
        )
      ).map(({ partId, maySend }) => [partId, maySend]),
    );
    // The database was slow to answer: what it answered may be over already.
    if (elapsedMs() - beforeMs > renewEveryMs / 5) renewing.wake();
    for (const run of asked) {
      const maySend = renewed.get(run.part.partId);
      if (maySend !== undefined) run.renewedMs = beforeMs;
      // A part that is closed at this very moment is not renewed either: then halting it changes nothing.
      if (maySend !== true) halt(run);
    }
  });

  return {
    get active() {
      return runs.size;
    },
    get claimedMessages() {
      return claimedMessages;
    },
    get areLeasesFresh() {
      // A fifth of the lease is kept in reserve for the message that is about to begin.
      const oldestMs = elapsedMs() - leaseSec * 800;
      for (const run of runs.values()) if (!run.isHalted && run.renewedMs <= oldestMs) return false;
      return true;
    },
    wake: () => {
      claiming.wake();
      renewing.wake();
    },
    refill: () => {
      const nowMs = elapsedMs();
      if (isClaiming || nowMs < noneUntilMs || nowMs - lookedMs < refillLookMs) return;
      lookedMs = nowMs;
      const messages = held();
      if (options.hasRoom(messages) || options.crowd.isThere(messages)) claiming.wake();
    },
    stop: async (limitMs) => {
      stopping.abort();
      const haltAll = (): void => {
        for (const run of runs.values()) halt(run);
      };
      haltAll();
      await claiming.stop();
      // Also what came of the claim under way.
      haltAll();
      await Promise.race([
        Promise.all(closing),
        new Promise<void>((resolve) => {
          setTimeout(resolve, limitMs).unref();
        }),
      ]);
      await renewing.stop();
    },
  };
}
