/** A part of a delivery: a range of messages that one child sends. */

import type { SendingMode } from "#schemas/codes.ts";

export type Part = {
  readonly partId: number;
  readonly deliveryId: number;
  /** Partition of its messages in nms_broad_log, `YYYY-MM-DD`. */
  readonly logDate: string;
  readonly firstBroadLogId: number;
  readonly lastBroadLogId: number;
  readonly messageCount: number;
  /** Our addresses that it is sent from; empty = any. */
  readonly affinity: string;
  readonly sendingMode: SendingMode;
  /** Passes that ended with deferred messages. */
  readonly attempts: number;
};
