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

/** `nms:delivery/@deliveryMode`; external and descriptive are not published by Classic. */
export const deliveryModes = { external: 0, bulk: 1, descriptive: 2, midSourcing: 4 } as const;

/** `nms:delivery/@priority`; Classic publishes only that 10 is normal. */
export const deliveryPriorities = { low: 0, normal: 10, high: 20 } as const;

/** `nms:delivery/validation/@validationMode`; ours. */
export const validationModes = { manual: 0, semiAutomatic: 1, automatic: 2 } as const;

/** `nms:deliveryPart/@sendingMode`; ours. */
export const sendingModes = { normal: 0, simulation: 1, smtpTest: 2 } as const;
export type SendingMode = keyof typeof sendingModes;

/** `xtk:workflow/@production`; ours. */
export const workflowSeverities = { normal: 0, production: 1, critical: 2 } as const;

/** What `xtk:jobInterface#GetStatus` answers. */
export const jobStatuses = {
  edited: 0,
  running: 2,
  canceling: 3,
  canceled: 4,
  finished: 5,
  error: 6,
  pausePending: 7,
  paused: 8,
} as const;

/** `xtk:option/@dataType`: which of its values counts. */
export const optionTypes = {
  byte: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  string: 6,
  datetime: 7,
  date: 10,
  memo: 12,
  cdata: 13,
  timespan: 14,
  boolean: 15,
} as const;

/** `nms:rtEvent/@status`; ours. */
export const eventStatuses = {
  pending: 0,
  processing: 1,
  sent: 2,
  ignored: 3,
  deliveryFailed: 4,
  notTakenIntoAccount: 5,
  expired: 6,
} as const;

/** `nms:service/@type`. */
export const serviceTypes = { email: 0, mobile: 1, phone: 2, directMail: 3, fax: 4 } as const;

/** `nms:subHisto/@action`. */
export const subscriptionActions = { unsubscription: 0, subscription: 1 } as const;

/** `nms:extAccount/@type`; Classic publishes only that 3 is mid-sourcing. */
export const externalAccountTypes = {
  other: 0,
  bounceMails: 1,
  routing: 2,
  midSourcing: 3,
  fileTransfer: 4,
  web: 5,
  database: 6,
} as const;

/** `nms:typologyRule/@type`; ours. */
export const typologyRuleTypes = { control: 0, filtering: 1, pressure: 2, capacity: 3 } as const;

/** `nms:typologyRule/@phase`; ours. */
export const typologyPhases = {
  startOfTargeting: 0,
  afterTargeting: 1,
  startOfPersonalization: 2,
  endOfAnalysis: 3,
} as const;

/** `nms:typologyRule/control/@check`; ours: what control rules of the product look at. */
export const typologyChecks = [
  "script",
  "subject",
  "urls",
  "unsubscriptionLink",
  "proofSize",
  "validity",
  "waves",
] as const;
export type TypologyCheck = (typeof typologyChecks)[number];

/** `nms:typologyRule/@level`; ours. */
export const alertLevels = { info: 0, warning: 1, error: 2 } as const;

/** `nms:operation/@status`; ours. */
export const operationStatuses = { edited: 0, inProgress: 1, finished: 2, canceled: 3 } as const;

/** `nms:task/@status`; ours. */
export const taskStatuses = { planned: 0, inProgress: 1, done: 2, notDone: 3, canceled: 4 } as const;

/** `nms:budget/@status`; ours. */
export const budgetStatuses = { edited: 0, defined: 1 } as const;

/** `nms:mailRuleSet/@type`; ours. */
export const mailRuleSetTypes = { inboundEmail: 1, domainManagement: 2, mxManagement: 3, emailFormats: 4 } as const;

/** `nms:emailFormatRule/@mimeStructure`; ours. */
export const mimeStructures = { multipart: 0, html: 1, text: 2 } as const;

/** `nms:delivery/mailParameters/@messageFormat`; ours: as each recipient prefers, as the domain's rule says, or text for all. */
export const messageFormats = { preference: 0, multipart: 1, text: 2 } as const;

/** `nms:dkimKey/@state`; ours. */
export const dkimKeyStates = { next: 0, active: 1, retired: 2 } as const;

/** The name that stands for a stored number, or undefined when none does. */
export function nameOfCode<T extends Readonly<Record<string, number>>>(codes: T, value: number): keyof T | undefined {
  return Object.keys(codes).find((name) => codes[name] === value);
}
