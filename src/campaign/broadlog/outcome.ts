/** What became of a message: by the answer of the server, or by a notice that came later. */

export type Outcome = {
  readonly broadLogId: number;
  /**
   * `deferred`: to be tried again. `in_doubt`: the server may have kept it, and gets it once more. `held`: the server may have kept it, and
   * it has failed for us.
   */
  readonly kind: "sent" | "failed" | "deferred" | "in_doubt" | "held";
  /** Numbers of `failureTypes` and `failureReasons`; 0 for a message that was sent. */
  readonly failureType: number;
  readonly failureReason: number;
  /** The server's answer, or the error in words. */
  readonly text: string;
  readonly at: Date;
  /** Nothing was transmitted: it counts as sent, and says nothing about the address. */
  readonly isSimulated?: true;
};

export type Bounce = {
  readonly deliveryId: number;
  readonly broadLogId: number;
  readonly failureType: number;
  readonly failureReason: number;
  readonly text: string;
  readonly at: Date;
};
