/** Times in which the holder of the lock proves itself, and others take over. */

/** How long who grants, who granted and who waits take for what. */
export type Patience = {
  readonly proveEveryMs: number;
  /** A proof without an answer for so long has failed: the connection is given up. */
  readonly proofLimitMs: number;
  /** A proof holds for so long, from its question. */
  readonly proofHoldsMs: number;
  /** Who takes over waits for so long once it has the lock: longer than a proof holds, however unequal two clocks run. */
  readonly takeOverMs: number;
  /** Whoever lost its lock looks for it so often. */
  readonly regainEveryMs: number;
  readonly lookEveryMs: number;
  /** A spare lets the one before it come back: it may only have been restarted, or its connection was. */
  readonly freeLooks: number;
};

/** What holds outside of tests. */
export const usualPatience: Patience = {
  proveEveryMs: 1_000,
  proofLimitMs: 2_000,
  proofHoldsMs: 6_000,
  takeOverMs: 8_000,
  regainEveryMs: 250,
  lookEveryMs: 1_000,
  freeLooks: 5,
};
