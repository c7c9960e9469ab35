/** Messages whose content left, and of which the journal knows no end. */

import type { JournalIntent, JournalRecord } from "./journal-record.ts";

/**
 * Follows the records of a child's files in the order of writing.
 * @param countsAnnounced what was only announced may have left too: intents are gone with the power
 * @returns intents behind which neither an outcome nor a withdrawal stands
 */
export function followIntents(
  open: ReadonlyMap<number, JournalIntent>,
  records: readonly JournalRecord[],
  countsAnnounced: boolean,
): ReadonlyMap<number, JournalIntent> {
  const now = new Map(open);
  for (const record of records) {
    if ("atMs" in record) now.set(record.broadLogId, record);
    else if ("announcedMs" in record) {
      if (countsAnnounced) now.set(record.broadLogId, { ...record, atMs: record.announcedMs });
    } else now.delete("outcome" in record ? record.outcome.broadLogId : record.withdrawnId);
  }
  return now;
}
