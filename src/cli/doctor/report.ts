/** What became of one check. */

import type { Examination } from "#foundation/doctor/check.ts";
import type { CheckName } from "#foundation/doctor/words.ts";

export type Report = {
  readonly check: CheckName;
  /** Undefined for a check of the whole host. */
  readonly instance: string | undefined;
  readonly examination: Examination;
};
