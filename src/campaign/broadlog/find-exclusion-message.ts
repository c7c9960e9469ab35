/** Finds what the ledger says of a recipient whom a rule excluded. */

import { createHash } from "node:crypto";

import type { Statements } from "#foundation/database.ts";
import { failureTypes } from "#schemas/codes.ts";

import { findMsgs, insertNewMsgs } from "./broad-log-msg-store.ts";

/**
 * The row of nms_broad_log_msg that names a rule of a typology; made when it is not there. A rule that is renamed gets a new
 * one, so that old rows keep what they said.
 * @returns its id
 */
export async function findExclusionMessage(
  tx: Statements,
  rule: { readonly ruleId: number; readonly label: string; readonly reason: number },
): Promise<number> {
  const text = `Excluded by the rule ${rule.label}`;
  const textHash = createHash("md5").update(`rule ${rule.ruleId} ${rule.reason} ${text}`).digest();
  const known = await findMsgs(tx, [textHash]);
  if (known.length === 0)
    await insertNewMsgs(tx, [
      { textHash, text, firstText: text, failureType: failureTypes.ignored, failureReason: rule.reason },
    ]);
  const [message] = known.length === 0 ? await findMsgs(tx, [textHash]) : known;
  return message?.id ?? 0;
}
