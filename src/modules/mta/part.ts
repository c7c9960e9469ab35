/** A part of a delivery: a range of messages that one child sends. */

export type Part = {
  readonly partId: number;
  readonly deliveryId: number;
  /** Partition of its messages in nms_broad_log, `YYYY-MM-DD`. */
  readonly logDate: string;
  readonly firstBroadLogId: number;
  readonly lastBroadLogId: number;
  readonly messageCount: number;
  /** Passes that ended with deferred messages. */
  readonly attempts: number;
};
