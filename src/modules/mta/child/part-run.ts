/** A part while a child works on it: what has been decided and is not in the database yet. */

import type { Outcome } from "#campaign/broadlog/outcome.ts";

import type { Receipt } from "../journal/open-journal.ts";
import type { Part } from "../part.ts";

export type PartRun = {
  readonly part: Part;
  readonly startedMs: number;
  /** When the lease was last known to be ours, on the clock that never goes back. */
  renewedMs: number;
  /** Nothing of it may begin any more: the delivery was halted, the process ends, or the lease is gone. */
  isHalted: boolean;
  /** Messages that the shaper has not been given yet. */
  unrouted: number;
  /** Outcomes that are safe in the journal and wait for the database. */
  unrecorded: { readonly outcome: Outcome; readonly receipt: Receipt | undefined }[];
  sent: number;
  failed: number;
  deferred: number;
  throttled: number;
};

/** A run that begins now. */
export function beginRun(part: Part, nowMs: number): PartRun {
  return {
    part,
    startedMs: nowMs,
    renewedMs: nowMs,
    isHalted: false,
    unrouted: part.messageCount,
    unrecorded: [],
    sent: 0,
    failed: 0,
    deferred: 0,
    throttled: 0,
  };
}

/** Adds a safe outcome to what waits for the database. */
export function addOutcome(run: PartRun, outcome: Outcome, receipt: Receipt | undefined): void {
  run.unrecorded.push({ outcome, receipt });
  if (outcome.kind === "sent") run.sent += 1;
  else if (outcome.kind === "failed") run.failed += 1;
  else run.deferred += 1;
}
