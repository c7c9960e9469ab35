/** The states of a delivery between the wish for its preparation and its end. */

/** From waiting for a preparer to the last step. */
export const preparingStates = [
  "targetingPending",
  "counting",
  "arbitration",
  "targetReady",
  "personalisationPending",
  "personalisation",
  "messageReady",
] as const;

/** From the wish to start to the end of sending. */
export const runningStates = [
  "startPending",
  "inProgress",
  "retryPending",
  "retryInProgress",
  "pauseRequested",
  "pauseInProgress",
  "paused",
] as const;
