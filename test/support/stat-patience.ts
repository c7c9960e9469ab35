/** For spares of stat that do not let a test wait. */

import type { Patience } from "#modules/stat/holder/patience.ts";

/** A second instead of several. */
export const hasty: Patience = {
  proveEveryMs: 50,
  proofLimitMs: 1_000,
  proofHoldsMs: 1_500,
  takeOverMs: 2_000,
  regainEveryMs: 20,
  lookEveryMs: 20,
  freeLooks: 2,
};
