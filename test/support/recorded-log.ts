/** A log whose lines a test reads. */

import { createLog, type Log, type LogRecord } from "#foundation/log.ts";

/** A log of every level that only collects. */
export function aRecordedLog(): { readonly log: Log; readonly records: LogRecord[] } {
  const records: LogRecord[] = [];
  const transport = { write: (record: LogRecord) => void records.push(record), close: () => Promise.resolve() };
  return { log: createLog(transport, { isVerbose: true, types: new Set() }), records };
}
