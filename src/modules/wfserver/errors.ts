/** Errors of running workflows. */

import { defineError } from "#foundation/errors.ts";

export const missingWorkflow = defineError("WKF-200001", {
  message: () =>
    "runwf runs one workflow: postrider runwf -instance:NAME -workflow:ID. wfserver starts it when there is something to do.",
});

export const activityUnknown = defineError<{ activity: string; type: string }>("WKF-200002", {
  message: ({ activity, type }) =>
    `The activity '${activity}' is of the type '${type}', which this version does not have. Remove it from the workflow, or replace it.`,
});

export const activityGone = defineError<{ activity: string }>("WKF-200003", {
  message: ({ activity }) =>
    `The activity '${activity}' is no longer in the workflow. Put it back, or start the workflow anew.`,
});

export const settingsInvalid = defineError<{ activity: string; faults: readonly string[] }>("WKF-200004", {
  message: ({ activity, faults }) => `The settings of the activity '${activity}' are wrong: ${faults.join("; ")}.`,
});

export const triedTooOften = defineError<{ activity: string; attempts: number }>("WKF-200005", {
  message: ({ activity, attempts }) =>
    `The activity '${activity}' was begun ${attempts} times, and each time its process or its database was lost. Look into runwf.log, then start the workflow again to go on.`,
});

export const runLost = defineError<{ workflowId: number }>("WKF-200006", {
  message: ({ workflowId }) =>
    `The workflow ${workflowId} is no longer run by this process; what it was doing was undone.`,
});

export const interrupted = defineError<{ activity: string }>("WKF-200007", {
  message: ({ activity }) => `The activity '${activity}' was interrupted and undone.`,
});

export const groupUnknown = defineError<{ group: string }>("WKF-200008", {
  message: ({ group }) => `There is no group '${group}'. Create it, or correct the query.`,
});

export const populationMissing = defineError<{ activity: string }>("WKF-200009", {
  message: ({ activity }) =>
    `The activity '${activity}' needs a population, and none came with the transition. Put a query before it.`,
});

export const preparationRefused = defineError<{ delivery: string; reason: string }>("WKF-200010", {
  message: ({ delivery, reason }) =>
    `The delivery '${delivery}' could not be prepared: ${reason} Correct it, then start the workflow again to go on.`,
});

export const deliveryGone = defineError<{ delivery: string }>("WKF-200011", {
  message: ({ delivery }) => `The delivery '${delivery}' that this activity has made is gone. Start the workflow anew.`,
});
