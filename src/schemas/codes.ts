/** Codes that are stored and that clients know: Classic's numbers under readable names. Those marked ours are not published by Classic. */

/** `nms:delivery/@state`. */
export const deliveryStates = {
  edited: 0,
  targetingPending: 11,
  counting: 12,
  arbitration: 13,
  targetReady: 15,
  personalisationPending: 21,
  personalisation: 22,
  messageReady: 25,
  preparationFailed: 37,
  ready: 45,
  startPending: 51,
  inProgress: 55,
  retryPending: 61,
  retryInProgress: 62,
  pauseRequested: 71,
  pauseInProgress: 72,
  paused: 75,
  /** ours */
  stopRequested: 81,
  stopped: 85,
  failed: 87,
  finished: 95,
  deleted: 100,
} as const;
export type DeliveryState = keyof typeof deliveryStates;

/** `nms:broadLogRcp/@status`. */
export const broadLogStatuses = { ignored: 0, sent: 1, failed: 2, pending: 6, cancelled: 7 } as const;

/** `nms:broadLogMsg/@failureType`. */
export const failureTypes = { none: 0, soft: 1, hard: 2, ignored: 3 } as const;
export type FailureType = keyof typeof failureTypes;

/** `nms:broadLogMsg/@failureReason`. */
export const failureReasons = {
  notDefined: 0,
  userUnknown: 1,
  invalidDomain: 2,
  unreachable: 3,
  accountDisabled: 4,
  mailboxFull: 5,
  notConnected: 6,
  addressNotSpecified: 7,
  denylisted: 8,
  quarantined: 9,
  double: 10,
  excludedByRule: 11,
  excludedByArbitration: 12,
  badQuality: 14,
  unqualified: 15,
  notEligible: 16,
  targetLimited: 17,
  refused: 20,
  errorIgnored: 25,
  controlGroup: 127,
} as const;
export type FailureReason = keyof typeof failureReasons;

/** `nms:address/@status`. */
export const addressStatuses = {
  unknown: 0,
  withErrors: 1,
  valid: 2,
  denylisted: 3,
  quarantined: 4,
  allowlisted: 5,
} as const;
export type AddressStatus = keyof typeof addressStatuses;

/** `nms:trackingUrl/@type`. */
export const urlTypes = { click: 1, open: 2, optOut: 3, web: 4, transaction: 5, mirrorPage: 6 } as const;

/** Ids of links that every delivery has; ids of its own links start above 1000. */
export const reservedUrlIds = { open: 1, unsubscribe: 2 } as const;

/** `xtk:workflow/@state`. */
export const workflowStates = {
  edited: 0,
  starting: 10,
  started: 11,
  pausing: 12,
  paused: 13,
  resuming: 14,
  stopping: 15,
  restarting: 17,
  finished: 20,
} as const;

/** `nms:recipient/@gender`. */
export const genders = { unknown: 0, male: 1, female: 2 } as const;

/** `nms:recipient/@emailFormat`. */
export const emailFormats = { unknown: 0, text: 1, html: 2 } as const;

/** `nms:delivery/@messageType`; other channels follow. */
export const messageTypes = { email: 0 } as const;

/** `xtk:workflowTask/@status`; Classic publishes only that 0 is open. */
export const workflowTaskStatuses = { open: 0, completed: 1, failed: 2, cancelled: 3 } as const;

/** `xtk:workflowEvent/@status`; Classic publishes only that above 2 means processed. */
export const workflowEventStatuses = { pending: 0, processed: 3, cancelled: 4 } as const;

/** The name that stands for a stored number, or undefined when none does. */
export function nameOfCode<T extends Readonly<Record<string, number>>>(codes: T, value: number): keyof T | undefined {
  return Object.keys(codes).find((name) => codes[name] === value);
}
