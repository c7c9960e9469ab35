/** What is known of an address that had errors: one row of nms_address. */

import type { AddressStatus } from "#schemas/codes.ts";

export type AddressRecord = {
  readonly address: string;
  readonly status: AddressStatus;
  /** Number of `failureReasons`: of the last counted error. */
  readonly failureReason: number;
  readonly errorCount: number;
  readonly lastError: Date | undefined;
};

/** One final failure of a message to an address. */
export type AddressError = {
  readonly address: string;
  /** Numbers of `failureTypes` and `failureReasons`. */
  readonly failureType: number;
  readonly failureReason: number;
  readonly text: string;
  readonly deliveryId: number;
  readonly at: Date;
};

/** Limits of the quarantine, under Classic's option names in xtk_option. */
export type QuarantineRules = {
  /** Soft errors after which an address is quarantined. */
  readonly maxErrors: number;
  /** A soft error sooner after the last counted one is not counted. */
  readonly significantDelayMs: number;
};

export const defaultRules: QuarantineRules = { maxErrors: 5, significantDelayMs: 86_400_000 };
