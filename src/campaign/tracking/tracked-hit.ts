/** A hit as a redirection server wrote it down. */

export type TrackedHit = {
  readonly time: Date;
  readonly broadLogId: number;
  readonly deliveryId: number;
  /** 1 the open pixel, 2 the one-click unsubscription, others links of the delivery. */
  readonly urlId: number;
  /** `nms:trackingUrl/@type`. */
  readonly urlType: number;
  readonly contentType: "h" | "t";
  readonly visitorId: string;
  readonly userAgent: string;
  readonly sourceAddress: string;
};

/** Hits that lie together in a file, and where. */
export type HitBatch = {
  readonly source: string;
  readonly file: string;
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly hits: readonly TrackedHit[];
};
