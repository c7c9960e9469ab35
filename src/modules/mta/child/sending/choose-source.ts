/** Shares messages out among our addresses by their weights: 5, 5 and 1 take 45, 45 and 10 of a hundred. */

import type { Source } from "./source.ts";

export type Shares = {
  /** The address that the next messages go from, among those that can be used. */
  choose(usable: readonly Source[], messages: number): Source;
  /** Messages that were counted for an address leave from another one. */
  giveBack(source: Source, messages: number): void;
};

/** Messages that each address is owed by its weight, and has not got; below 0 = it got more. */
export type Balance = Map<Source, number>;

/**
 * Counts for one destination. The address that all destinations together owe most comes next, among those that this one owes: small
 * destinations share the addresses between them, and each large one keeps to the weights by itself.
 * While an address cannot be used it is owed nothing: a path that comes back is not flooded.
 * @param overall of all destinations
 */
export function openShares(sources: readonly Source[], overall: Balance): Shares {
  const own: Balance = new Map();
  const count = (usable: readonly Source[], chosen: Source, messages: number): void => {
    for (const balance of [own, overall]) {
      owe(balance, usable, messages);
      balance.set(chosen, owedTo(balance, chosen) - messages);
    }
  };
  return {
    choose: (usable, messages) => {
      const here: Balance = new Map(own);
      owe(here, usable, messages);
      // What is owed sums up to more than nothing: there is always one.
      const [chosen = usable[0]] = usable
        .filter((source) => owedTo(here, source) >= 0)
        .sort((a, b) => owedTo(overall, b) - owedTo(overall, a) || b.weight - a.weight);
      if (chosen === undefined) throw new RangeError("there is no address to choose from");
      count(usable, chosen, messages);
      return chosen;
    },
    giveBack: (source, messages) => count(sources, source, -messages),
  };
}

function owe(balance: Balance, usable: readonly Source[], messages: number): void {
  const weights = usable.reduce((sum, { weight }) => sum + weight, 0);
  for (const source of usable) balance.set(source, owedTo(balance, source) + (messages * source.weight) / weights);
}

function owedTo(balance: Balance, source: Source): number {
  return balance.get(source) ?? 0;
}
