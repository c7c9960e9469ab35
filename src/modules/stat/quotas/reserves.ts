/**
 * What the database already counts of what may still be granted. A grant leaves only out of it: should the sender and this server be
 * killed in the same moment, nothing has been spent that the next run does not count.
 */

import type { Holding } from "./holdings.ts";

/** What is written for a holding in one slice; what was spent is part of it. */
export type Reserve = {
  readonly slice: number;
  /** Of which the next writing makes the database know. */
  planned: number;
  /** Which the database knows. */
  confirmed: number;
  /** The largest lot, what was granted, and what was wanted and could not be, since the last writing. */
  lot: number;
  granted: number;
  unmet: number;
  /** What the limits left when it was asked last. */
  left: number;
};

export type Reserves = {
  /** Tokens that may leave now. */
  roomOf(holding: Holding, slice: number): number;
  /** Tokens are wanted for which there is no room, of which the limits leave so many; a reserve of another slice was dropped before. */
  want(holding: Holding, slice: number, tokens: number, left: number): void;
  /** Tokens were granted out of the room. */
  take(holding: Holding, slice: number, tokens: number, left: number): void;
  /**
   * Plans for what was wanted since the last time, and gives up what earlier slices did not use.
   * @param change called with what changes, before and after
   */
  plan(slice: number, change: (holding: Holding, slice: number, plan: () => void) => void): void;
  /** What was planned is written. */
  confirm(): void;
  drop(holding: Holding): void;
};

/** At a steady rate one writing makes room for what is granted until the next one, and for as much again. */
const timesAhead = 2;
/** All of it counts as spent should the sender be killed together with this server: no more than this part of what is left. */
const mostOfLeft = 1 / 8;

/** Opens without any. */
export function openReserves(): Reserves {
  const kept = new Set<Holding>();
  const wanted = new Set<Holding>();
  const planned = new Set<Holding>();
  const drop = (holding: Holding): void => {
    holding.reserve = undefined;
    for (const holdings of [kept, wanted, planned]) holdings.delete(holding);
  };
  const of = (holding: Holding, slice: number): Reserve | undefined =>
    holding.reserve?.slice === slice ? holding.reserve : undefined;

  return {
    roomOf: (holding, slice) => (of(holding, slice)?.confirmed ?? 0) - (holding.spent.get(slice) ?? 0),
    want: (holding, slice, tokens, left) => {
      const reserve = of(holding, slice) ?? {
        slice,
        planned: 0,
        confirmed: 0,
        lot: 0,
        granted: 0,
        unmet: 0,
        left,
      };
      reserve.unmet += tokens;
      reserve.left = left;
      holding.reserve = reserve;
      kept.add(holding);
      wanted.add(holding);
    },
    take: (holding, slice, tokens, left) => {
      const reserve = of(holding, slice);
      if (reserve === undefined) return;
      reserve.lot = Math.max(reserve.lot, tokens);
      reserve.granted += tokens;
      reserve.left = left - tokens;
      wanted.add(holding);
    },
    plan: (slice, change) => {
      for (const holding of kept) {
        const { reserve } = holding;
        if (reserve !== undefined && reserve.slice !== slice) change(holding, reserve.slice, () => drop(holding));
      }
      for (const holding of wanted) {
        const reserve = of(holding, slice);
        if (reserve === undefined) continue;
        const spent = holding.spent.get(slice) ?? 0;
        const ahead = aheadOf(reserve);
        if (spent + ahead > reserve.planned)
          change(holding, slice, () => {
            reserve.planned = spent + ahead;
          });
        reserve.lot = 0;
        reserve.granted = 0;
        reserve.unmet = 0;
        planned.add(holding);
      }
      wanted.clear();
    },
    confirm: () => {
      for (const { reserve } of planned) if (reserve !== undefined) reserve.confirmed = reserve.planned;
      planned.clear();
    },
    drop,
  };
}

function aheadOf({ lot, granted, unmet, left }: Reserve): number {
  const steady = Math.max(lot, Math.min(timesAhead * granted, Math.floor(mostOfLeft * left)));
  return Math.min(left, unmet + steady);
}
