/** Errors of mta. */

import { defineError } from "#foundation/errors.ts";

export const journalNotWritable = defineError<{ folder: string }>("MTA-100001", {
  message: ({ folder }) =>
    `The journal of outcomes cannot be written in ${folder}. Free space there or give this user the right to write.`,
  mayRetry: true,
});

export const journalFailed = defineError<{ file: string }>("MTA-100002", {
  message: ({ file }) =>
    `Writing to ${file} failed; a new journal file is begun and what was being written is written again. Check the disk: a write that failed once may fail again.`,
  mayRetry: true,
});

export const relayMissing = defineError("MTA-100003", {
  message: () =>
    "mta.route is relay, but mta.relay.address is empty. Set it to the relay's address, or set mta.route to inbox or mx.",
});
