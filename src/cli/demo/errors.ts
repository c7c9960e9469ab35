/** Errors of the demo. */

import { defineError } from "#foundation/errors.ts";

export const platformDidNotStart = defineError<{ said: string }>("DMO-100001", {
  message: ({ said }) => `The platform did not start: ${said}`,
});

export const instanceIsLive = defineError<{ instance: string; route: string }>("DMO-100002", {
  message: ({ instance, route }) =>
    `The instance '${instance}' is live (mta.route = ${route}): the demo would send sample mails to real people. Run it with another data folder: POSTRIDER_HOME=/tmp/demo npm run demo`,
});

export const stepFailed = defineError<{ step: string; reason: string }>("DMO-100003", {
  message: ({ step, reason }) => `The demo stopped while ${step}: ${reason}`,
});

export const listMissing = defineError<{ file: string }>("DMO-100004", {
  message: ({ file }) => `There is no file ${file} to show the demo with; nothing was started.`,
});
