/** Says which affinities this host declares, and which deliveries it leaves alone since it does not declare theirs. */

import type { Database } from "#foundation/database.ts";
import type { Log } from "#foundation/log.ts";

import { listOtherAffinities, sayAffinities } from "./affinity-store.ts";

/** What waits is said once, and again when it was gone meanwhile. */
export type TellWaitingAffinities = () => Promise<void>;

/** @param declared affinities of this host; another one may declare the others */
export function tellWaitingAffinities(
  { db, log, host }: { readonly db: Database; readonly log: Log; readonly host: string },
  declared: readonly string[],
): TellWaitingAffinities {
  let told: ReadonlySet<string> = new Set();
  return async () => {
    await sayAffinities(db, host, declared);
    const waiting = await listOtherAffinities(db, declared);
    for (const { affinity, deliveries, messages } of waiting) {
      if (told.has(affinity)) continue;
      const meaning = "a host that declares it in mta.child.smtp.ipAffinity sends them; until then they stay pending";
      log.warning("mta.affinity_not_declared", { affinity, deliveries, messages, meaning });
    }
    told = new Set(waiting.map(({ affinity }) => affinity));
  };
}
