/** Finds the row of nms_broad_log_msg for each answer, and makes the missing ones. */

import { createHash } from "node:crypto";

import type { Statements } from "#foundation/database.ts";
import { isKnownReply } from "#protocols/bounce/qualify-reply.ts";

import { type BroadLogMsg, findMsgs, insertNewMsgs, type NewBroadLogMsg } from "./broad-log-msg-store.ts";
import { normalizeReply } from "./normalize-reply.ts";

type Answer = { readonly text: string; readonly failureType: number; readonly failureReason: number };

/**
 * Qualifies answers. What stands in the table holds, since an operator may have corrected it there; a new text is stored with the
 * qualification it came with, and waits for the operator's when no rule knows its words.
 * @returns the row of a text, for every text given
 */
export async function qualifyTexts(
  tx: Statements,
  answers: readonly Answer[],
): Promise<(text: string) => BroadLogMsg | undefined> {
  const hashes = new Map<string, string>();
  const distinct = new Map<string, NewBroadLogMsg>();
  for (const { text, failureType, failureReason } of answers) {
    if (hashes.has(text)) continue;
    const normal = normalizeReply(text);
    const textHash = createHash("md5").update(normal).digest();
    const key = textHash.toString("hex");
    hashes.set(text, key);
    if (!distinct.has(key))
      distinct.set(key, { textHash, text: normal, firstText: storable(text), failureType, failureReason });
  }
  if (distinct.size === 0) return () => undefined;
  const wanted = [...distinct.values()];
  const known = await findMsgs(
    tx,
    wanted.map(({ textHash }) => textHash),
  );
  const rows = new Map(known.map((msg) => [msg.textHash.toString("hex"), msg]));
  const missing = [...distinct].filter(([key]) => !rows.has(key)).map(([, msg]) => msg);
  if (missing.length > 0) {
    await insertNewMsgs(
      tx,
      missing.map((msg) => (isKnownReply(msg.firstText) ? msg : { ...msg, status: "to_qualify" })),
    );
    // Another transaction may have made some of them meanwhile.
    for (const msg of await findMsgs(
      tx,
      missing.map(({ textHash }) => textHash),
    ))
      rows.set(msg.textHash.toString("hex"), msg);
  }
  return (text) => rows.get(hashes.get(text) ?? "");
}

/** PostgreSQL stores no NUL. */
function storable(text: string): string {
  return text.slice(0, 1_000).toWellFormed().replaceAll("\0", "");
}
