/** A part while a child works on it: what has been decided and is not in the database yet. */

import type { Outcome } from "#campaign/broadlog/outcome.ts";

import type { Receipt } from "../journal/open-journal.ts";
import type { Part } from "../part.ts";
import type { FillRecipient } from "./rendering/render-ahead.ts";

export type PartRun = {
  readonly part: Part;
  readonly startedMs: number;
  /** When the lease was last known to be ours, on the clock that never goes back. */
  renewedMs: number;
  /** Nothing of it may begin any more: the delivery was halted, the process ends, or the lease is gone. */
  isHalted: boolean;
  /** Completes recipients with what scripts answer for them; undefined for deliveries without scripts. */
  fill: FillRecipient | undefined;
  /** Messages that the shaper has not been given yet. */
  unrouted: number;
  /** Outcomes that are safe in the journal and wait for the database. */
  unrecorded: { readonly outcome: Outcome; readonly receipt: Receipt | undefined }[];
  sent: number;
  failed: number;
  /** Those in doubt that will be sent again are among them. */
  deferred: number;
  /** Messages whose content left and was not answered. */
  inDoubt: number;
  throttled: number;
  /** Messages that gave up their room: their destination takes its time. */
  crowded: number;
  /** Times that the database went away before its messages were read, which leaves all of them. */
  unread: number;
};

/** A run that begins now. */
export function beginRun(part: Part, nowMs: number): PartRun {
  return {
    part,
    startedMs: nowMs,
    renewedMs: nowMs,
    isHalted: false,
    fill: undefined,
    unrouted: part.messageCount,
    unrecorded: [],
    sent: 0,
    failed: 0,
    deferred: 0,
    inDoubt: 0,
    throttled: 0,
    crowded: 0,
    unread: 0,
  };
}

/** Adds a safe outcome to what waits for the database. */
export function addOutcome(run: PartRun, outcome: Outcome, receipt: Receipt | undefined): void {
  run.unrecorded.push({ outcome, receipt });
  if (outcome.kind === "sent") run.sent += 1;
  else if (outcome.kind === "failed" || outcome.kind === "held") run.failed += 1;
  else run.deferred += 1;
  if (outcome.kind === "in_doubt" || outcome.kind === "held") run.inDoubt += 1;
}
