/** Finishes the work of children that died: their journals go into the database, then their parts go back to wait. */

import { readFileSync } from "node:fs";

import type { Permits } from "#channels/permits/permits.ts";
import { readBootId } from "#foundation/boot-id.ts";
import type { Database } from "#foundation/database.ts";
import type { Log } from "#foundation/log.ts";
import { retryConflicts } from "#foundation/retry-conflicts.ts";

import { followIntents } from "../journal/follow-intents.ts";
import { type JournalFile, listJournals, readJournal, removeJournal } from "../journal/journal-files.ts";
import type { JournalEntry, JournalIntent } from "../journal/journal-record.ts";
import { returnPartsOfChild } from "../part-store.ts";
import { doubtAbout, fateOf } from "./doubt-about.ts";
import { doubtPartsOfChild } from "./doubt-lost-parts.ts";
import { recordInLots } from "./record-in-lots.ts";

type Tools = {
  readonly db: Database;
  readonly folder: string;
  readonly log: Log;
  readonly permits: Pick<Permits, "forget">;
  /** Messages in doubt are sent again; else they fail and are left alone. */
  readonly retriesLost: boolean;
  /** True while the process runs that a journal belongs to. */
  readonly isAlive?: (pid: number) => boolean;
  /** The machine's present start. */
  readonly bootId?: string | undefined;
};

const forgetMs = 10_000;

/**
 * Looks for journals whose child is gone and brings them in. A part is given back only after the journal of its child is
 * recorded, so that nobody is mailed twice; may be interrupted anywhere and repeated.
 * @returns how many children were retired
 */
export async function retireDeadChildren(tools: Tools): Promise<number> {
  const isAlive = tools.isAlive ?? isRunningChild;
  const children = Map.groupBy(listJournals(tools.folder), ({ pid, start }) => `${pid}-${start}`);
  const files = [...children.values()];
  let retired = 0;
  for (const [index, ofChild] of files.entries()) {
    const [first] = ofChild;
    if (first === undefined) continue;
    // Sorted by start: an earlier process of the same pid cannot be the one that runs now.
    const isReplaced = files.slice(index + 1).some((later) => later[0]?.pid === first.pid);
    if (isReplaced || !isAlive(first.pid)) {
      await retireChild(ofChild, tools);
      retired += 1;
    }
  }
  return retired;
}

async function retireChild(files: readonly JournalFile[], tools: Tools): Promise<void> {
  const { db, log, permits } = tools;
  const contents = files.map((file) => ({ file, content: readJournal(file) }));
  const childId = contents.map(({ content }) => content.header?.childId).find((id) => id !== undefined);
  const bootId = contents.map(({ content }) => content.header?.bootId).find((id) => id !== undefined);
  const hasEnded = contents.some(({ content }) => content.hasEnded);
  // What was written and not flushed is gone with the power: the last intents and outcomes may be missing.
  const isCutOff = bootId !== undefined && bootId !== (tools.bootId ?? readBootId()) && !hasEnded;
  const isAnnounced = contents.some(({ content }) => content.header?.announces === true);
  let outcomes = 0;
  let open: ReadonlyMap<number, JournalIntent> = new Map();
  for (const { file, content } of contents) {
    if (!content.isWhole) log.warning("mta.journal_cut", { file: file.path, records: content.records.length });
    const entries = content.records.filter((record) => "outcome" in record);
    await replay(db, entries);
    outcomes += entries.length;
    open = followIntents(open, content.records, isCutOff);
  }
  let inDoubt = await replay(
    db,
    [...open.values()].map((intent) => doubtOf(intent, tools.retriesLost)),
  );
  // Announcements are never missing: what was not announced has not left.
  if (isCutOff && !isAnnounced && childId !== undefined) inDoubt += await doubtPartsOfChild(childId, tools);
  if (inDoubt > 0) {
    const reason = isCutOff ? "the machine was started anew, and lost what was not on the disk" : "the child has died";
    log.warning("mta.messages_in_doubt", { childId, messages: inDoubt, reason, ...fateOf(tools.retriesLost) });
  }
  const parts = childId === undefined ? 0 : await returnPartsOfChild(db, childId);
  for (const { file } of contents) removeJournal(file);
  if (childId === undefined) return;
  // The statistics server frees its connections by itself after a while: it is told, and not waited for.
  void permits.forget(childId, AbortSignal.timeout(forgetMs));
  log.info("mta.child_retired", { childId, outcomes, inDoubt, parts });
}

/** Answers how many rows changed: what the database knows already is not counted again. */
async function replay(db: Database, entries: readonly JournalEntry[]): Promise<number> {
  let changed = 0;
  for (const ofDelivery of Map.groupBy(entries, ({ deliveryId, logDate }) => `${deliveryId} ${logDate}`).values()) {
    const [first] = ofDelivery;
    if (first === undefined) continue;
    const outcomes = ofDelivery.map(({ outcome }) => outcome);
    changed += await recordInLots((record) => retryConflicts(db, record), first, outcomes);
  }
  return changed;
}

/** The content left, and the child died before it could write down an answer. */
function doubtOf({ deliveryId, logDate, broadLogId, atMs }: JournalIntent, retriesLost: boolean): JournalEntry {
  const text = "no answer to the final dot was recorded: the process that sent it has ended";
  return { deliveryId, logDate, outcome: doubtAbout(broadLogId, { text, at: new Date(atMs), retriesLost }) };
}

/** True when the pid is that of a child of ours, and not of a program that was given the number since. */
export function isRunningChild(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("mtachild");
  } catch {
    return false;
  }
}
