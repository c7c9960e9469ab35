/** Errors of workflows as they are defined and ordered. */

import { defineError } from "#foundation/errors.ts";

export const definitionInvalid = defineError<{ workflow: string; faults: readonly string[] }>("WKF-100001", {
  message: ({ workflow, faults }) =>
    [
      `The definition of the workflow '${workflow}' is wrong; correct it and save it again:`,
      ...faults.map((fault) => `  ${fault}`),
    ].join("\n"),
});

export const workflowUnknown = defineError<{ workflow: string | number }>("WKF-100002", {
  message: ({ workflow }) => `There is no workflow '${workflow}'. postrider workflow -list shows all.`,
});

export const workflowExists = defineError<{ workflow: string }>("WKF-100003", {
  message: ({ workflow }) => `There is a workflow '${workflow}' already. Choose another internal name.`,
});

export const eventNotAddressed = defineError<{ workflow: string | number }>("WKF-100005", {
  message: ({ workflow }) => `The event for the workflow '${workflow}' names no activity.`,
});

export const workflowNameInvalid = defineError<{ workflow: string }>("WKF-100004", {
  message: ({ workflow }) =>
    `'${workflow.slice(0, 100)}' cannot be the internal name of a workflow: it takes up to 64 letters, digits, - and _.`,
});
