/** Lots of tokens: messages take from them until the slice of a lot is over; what is left then goes back. */

import { type HeldPermits, type Lot, sliceAt } from "./held-permits.ts";

export type PermitLots = {
  /** A lot was granted: it is held from now on. */
  add(lot: Lot): void;
  /** Messages that may begin now: none once the slice of a lot is over. */
  leftOf(lot: Lot): number;
  /** Takes a token for a message that begins; false when none is left, or their slice is over. */
  take(lot: Lot): boolean;
  /** The message of a token did not begin after all. */
  putBack(lot: Lot): void;
  /** Takes out what is left, for a connection that is given back. */
  empty(lot: Lot): number;
  /** Gives back what is left of lots whose slice is over. */
  sweep(): void;
  /** The slice under way, as far as a lot ever told; undefined before the first. */
  sliceNow(): number | undefined;
};

/**
 * Opens without any.
 * @param options giveBack: tells that so many tokens of a lot were not used
 */
export function openLots(options: {
  readonly held: Pick<HeldPermits, "grant">;
  readonly elapsedMs: () => number;
  readonly giveBack: (lot: Lot, unused: number) => void;
}): PermitLots {
  const { held, elapsedMs } = options;
  const lots = new Set<Lot>();
  let lastLot: Lot | undefined;

  const empty = (lot: Lot): number => {
    const { left } = lot;
    lots.delete(lot);
    lot.left = 0;
    return left;
  };
  const giveBackRest = (lot: Lot): void => {
    const unused = empty(lot);
    if (unused > 0) options.giveBack(lot, unused);
  };

  return {
    add: (lot) => {
      lastLot = lot;
      held.grant(lot);
      lots.add(lot);
    },
    leftOf: (lot) => {
      if (lot.left > 0 && elapsedMs() >= lot.endsMs) giveBackRest(lot);
      return lot.left;
    },
    take: (lot) => {
      if (lot.left <= 0) return false;
      lot.left -= 1;
      if (lot.left === 0) lots.delete(lot);
      return true;
    },
    putBack: (lot) => {
      lot.left += 1;
      lots.add(lot);
    },
    empty,
    sweep: () => {
      for (const lot of lots) if (elapsedMs() >= lot.endsMs) giveBackRest(lot);
    },
    sliceNow: () => (lastLot === undefined ? undefined : sliceAt(lastLot, elapsedMs())),
  };
}
