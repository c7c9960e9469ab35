/** Errors of the way to syslogd. */

import { defineError } from "#foundation/errors.ts";

export const invalidTraceFile = defineError<{ name: string }>("LOG-100001", {
  message: ({ name }) =>
    `'${name.slice(0, 80)}' is not a name for -tracefile. Use 1 to 60 letters, digits, '_' and '-', starting with a letter or digit and not ending in '_2'; '@instance' may follow.`,
});
