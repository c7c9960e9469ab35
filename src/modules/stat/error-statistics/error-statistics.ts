/** Counts connections and errors of each path for a period, for nms:emailErrorStat. */

import type { Path, PathCounts } from "#channels/permits/permit-messages.ts";

export type ErrorStatistics = {
  count(path: Path, counts: PathCounts): void;
  /** The rows of the period that ends, without the paths below a threshold, and begins the next. */
  take(thresholds: Thresholds): ErrorRow[];
};

/** @source Classic: a path's statistics are skipped if below any of them */
export type Thresholds = {
  readonly minConnectionsToLog: number;
  readonly minErrorsToLog: number;
  readonly minMessagesToLog: number;
};

export type ErrorRow = {
  readonly path: Path;
  readonly connections: number;
  readonly messages: number;
  readonly errors: number;
  readonly counts: Required<PathCounts>;
};

const mostPaths = 100_000;

/** Opens a period without any. */
export function openErrorStatistics(): ErrorStatistics {
  let paths = new Map<string, { readonly path: Path; readonly counts: Required<PathCounts> }>();
  return {
    count: (path, counts) => {
      const key = `${path.publicId}|${path.address}`;
      let entry = paths.get(key);
      if (entry === undefined) {
        if (paths.size >= mostPaths) return;
        entry = { path, counts: noCounts() };
        paths.set(key, entry);
      }
      for (const name of Object.keys(counts) as (keyof PathCounts)[]) entry.counts[name] += counts[name] ?? 0;
    },
    take: (thresholds) => {
      const rows = [...paths.values()].map(toRow);
      paths = new Map();
      return rows.filter(
        ({ connections, messages, errors }) =>
          connections >= thresholds.minConnectionsToLog &&
          errors >= thresholds.minErrorsToLog &&
          messages >= thresholds.minMessagesToLog,
      );
    },
  };
}

function toRow({ path, counts }: { path: Path; counts: Required<PathCounts> }): ErrorRow {
  const { connections, accepted, messageErrors, failed, refused, timeouts } = counts;
  return {
    path,
    connections,
    messages: accepted + messageErrors,
    // A connection lost midway is counted with the message that it took along.
    errors: messageErrors + failed + refused + timeouts,
    counts,
  };
}

function noCounts(): Required<PathCounts> {
  return {
    connections: 0,
    accepted: 0,
    messageErrors: 0,
    throttled: 0,
    failed: 0,
    refused: 0,
    timeouts: 0,
    aborted: 0,
  };
}
