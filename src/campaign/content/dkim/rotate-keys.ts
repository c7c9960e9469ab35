/** Lets a domain's next keys sign in place of those that do. */

import type { Statements } from "#foundation/database.ts";

import { dkimNoNextKey, dkimNotPublished } from "../errors.ts";
import { activateDkimKeys, listDkimKeys, planDkimKeys, type StoredKey } from "./dkim-key-store.ts";
import { findRecordProblem, recordName } from "./dkim-record.ts";

/** The TXT records at a name, each joined from its strings; none when there is no such name. */
export type LookUpTexts = (name: string) => Promise<readonly string[]>;

export type Checked = { readonly key: StoredKey; readonly problem: string | undefined };

/** Says of each key that is not retired whether receivers can find it. */
export async function checkDkimKeys(
  db: Statements,
  domain: string | undefined,
  lookUp: LookUpTexts,
): Promise<Checked[]> {
  const keys = (await listDkimKeys(db, domain)).filter(({ state }) => state !== "retired");
  return Promise.all(
    keys.map(async (key) => ({ key, problem: findRecordProblem(key, await lookUp(recordName(key))) })),
  );
}

/**
 * Activates the next keys, the newest of each algorithm, and retires those of the same algorithm. Nothing is changed unless the DNS
 * already publishes them, since receivers would take the mail for forged.
 * @param from when they take over; now when left out
 * @param lookUp undefined: the DNS is not asked
 * @throws dkimNoNextKey, dkimNotPublished
 */
export async function rotateDkimKeys(
  { db, now, lookUp }: { readonly db: Statements; readonly now: Date; readonly lookUp: LookUpTexts | undefined },
  { domain, from }: { readonly domain: string; readonly from?: Date | undefined },
): Promise<readonly StoredKey[]> {
  const next = (await listDkimKeys(db, domain)).filter(({ state }) => state === "next");
  const keys = [...new Map(next.map((key) => [key.algorithm, key])).values()];
  if (keys.length === 0) throw dkimNoNextKey({ domain });
  for (const key of lookUp === undefined ? [] : keys) {
    const problem = findRecordProblem(key, (await lookUp?.(recordName(key))) ?? []);
    if (problem !== undefined) throw dkimNotPublished({ name: recordName(key), problem });
  }
  const ids = keys.map(({ id }) => id);
  if (from !== undefined && from > now) await planDkimKeys(db, ids, from);
  else await activateDkimKeys(db, ids, now);
  return (await listDkimKeys(db, domain)).filter(({ id }) => ids.includes(id));
}
