/** Errors of the sandbox itself, not of what runs in it. */

import { defineError } from "../errors.ts";

export const sandboxNotStarted = defineError<{ problem: string }>("SBX-100001", {
  message: ({ problem }) =>
    `The process that scripts run in could not be started: ${problem} Look for memory and processes that the system refuses.`,
  mayRetry: true,
});
