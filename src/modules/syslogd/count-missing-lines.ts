/** Notices lines that never arrived: each sender numbers its lines. */

import type { ModuleLine } from "#channels/logs/log-datagram.ts";
import { forgetOldest } from "#foundation/forget-oldest.ts";

export type MissingLines = {
  /** Takes note of a line that arrived from an address. */
  note(line: ModuleLine, source: string): void;
  /** Lines missing since the last call, per sender (`mta@main 4711`). */
  take(): ReadonlyMap<string, number>;
};

const mostSenders = 2_000;

/** Starts counting. A sender that is new to us may have written before we were there: its first line sets the count. */
export function countMissingLines(): MissingLines {
  const expected = new Map<string, number>();
  let missing = new Map<string, number>();
  return {
    note: ({ module, instance, pid, threadId, sequence }, source) => {
      const key = `${source} ${module}@${instance} ${pid} ${threadId}`;
      const next = expected.get(key);
      // It gets a place of its own.
      if (next === undefined) forgetOldest(expected, mostSenders - 1);
      if (next !== undefined && sequence > next) {
        const name = `${module}@${instance} ${pid}`;
        missing.set(name, (missing.get(name) ?? 0) + sequence - next);
      }
      // A process that got the number of an ended one starts again at 1; a line that comes late or twice changes nothing.
      if (next === undefined || sequence >= next || sequence === 1) expected.set(key, sequence + 1);
    },
    take: () => {
      const taken = missing;
      missing = new Map();
      return taken;
    },
  };
}
