/** Decides which keys sign the mail of a domain at a moment. */

import type { StoredKey } from "./dkim-key-store.ts";

/** What is decided by. */
export type Choosable = Pick<StoredKey, "domain" | "algorithm" | "state" | "validFrom">;

/**
 * The keys of the domain, or of the nearest domain above it that has some: of each algorithm the one that began to sign last.
 * A planned key takes over at its date, whether or not anybody has said so since.
 * @param fromDomain the domain of the sender's address, lower case and in ASCII
 */
export function chooseKeys<K extends Choosable>(keys: readonly K[], fromDomain: string, now: Date): readonly K[] {
  const usable = keys.filter((key) => isInForce(key, now));
  const domain = findNearest(
    usable.map((key) => key.domain),
    fromDomain,
  );
  const newest = new Map<string, K>();
  for (const key of usable) {
    const known = newest.get(key.algorithm);
    if (key.domain === domain && (known === undefined || beganAt(key) >= beganAt(known)))
      newest.set(key.algorithm, key);
  }
  return [...newest.values()];
}

/** When the choice may change: the next date of a planned key. */
export function nextChange(keys: readonly Choosable[], now: Date): number {
  return Math.min(
    Infinity,
    ...keys.flatMap(({ state, validFrom }) =>
      state === "next" && validFrom !== undefined && validFrom > now ? [validFrom.getTime()] : [],
    ),
  );
}

function isInForce({ state, validFrom }: Choosable, now: Date): boolean {
  return state === "active" || (state === "next" && validFrom !== undefined && validFrom <= now);
}

function findNearest(domains: readonly string[], fromDomain: string): string | undefined {
  return domains
    .filter((domain) => fromDomain === domain || fromDomain.endsWith(`.${domain}`))
    .sort((a, b) => b.length - a.length)[0];
}

function beganAt({ validFrom }: Choosable): number {
  return validFrom?.getTime() ?? 0;
}
