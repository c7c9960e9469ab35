/** What a child may have sent without anybody's knowing: all of its parts that nothing was recorded about. */

import type { Database, Statements } from "#foundation/database.ts";
import type { Log } from "#foundation/log.ts";
import { retryConflicts } from "#foundation/retry-conflicts.ts";

import { doubtAbout, fateOf } from "./doubt-about.ts";
import {
  listLostParts,
  listPartsOfChild,
  listUnheardOf,
  lockLostPart,
  type LostPart,
  releaseLostPart,
} from "./lost-part-store.ts";
import { recordInLots } from "./record-in-lots.ts";

type Tools = {
  readonly db: Database;
  readonly log: Log;
  /** Messages in doubt are sent again; else they fail and are left alone. */
  readonly retriesLost: boolean;
};

/**
 * Gives back parts that nobody renewed, and whose child did not come to say what it did: its host is dead, or cut off. Its journal would
 * tell which messages left; until somebody reads it, each that is not recorded may have. May be interrupted anywhere and repeated.
 * @returns how many parts were given back
 */
export async function doubtUnrenewedParts(tools: Tools): Promise<number> {
  const ofChildren = Map.groupBy(await listLostParts(tools.db), ({ childId }) => childId);
  let returned = 0;
  for (const [childId, parts] of ofChildren) {
    const messages = await doubtParts(parts, "its host was not heard of again", tools);
    returned += parts.length;
    tools.log.warning("mta.messages_in_doubt", {
      childId,
      messages,
      parts: parts.length,
      reason: "nobody renewed them, and the journal of the child was not read",
      ...fateOf(tools.retriesLost),
    });
  }
  return returned;
}

/**
 * Gives back the parts of a child whose machine was switched off: the last that it wrote to its journal may never have reached the disk.
 * @returns messages that were not in doubt before
 */
export async function doubtPartsOfChild(childId: string, tools: Tools): Promise<number> {
  return await doubtParts(await listPartsOfChild(tools.db, childId), "its host lost power", tools);
}

async function doubtParts(parts: readonly LostPart[], why: string, { db, retriesLost }: Tools): Promise<number> {
  let messages = 0;
  for (const part of parts) {
    messages += await retryConflicts(db, (tx) => doubtPart(tx, part, { why, retriesLost }));
  }
  return messages;
}

async function doubtPart(
  tx: Statements,
  part: LostPart,
  { why, retriesLost }: { readonly why: string; readonly retriesLost: boolean },
): Promise<number> {
  const delivery = await lockLostPart(tx, part);
  if (delivery === undefined) return 0;
  const unheardOf = await listUnheardOf(tx, part.partId);
  const text = `it may have left without our knowing: ${why}`;
  const at = new Date();
  const doubts = unheardOf.map((broadLogId) => doubtAbout(broadLogId, { text, at, retriesLost }));
  const changed = await recordInLots((record) => record(tx), delivery, doubts);
  await releaseLostPart(tx, part.partId);
  return changed;
}
