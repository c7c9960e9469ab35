/** Errors of inbox. */

import { defineError } from "#foundation/errors.ts";

export const portTaken = defineError<{ where: string; owner: string }>("INB-100001", {
  message: ({ where, owner }) =>
    `inbox cannot listen on ${where}: ${owner} holds this port. Stop it, or choose another port with inbox.port.`,
  mayRetry: true,
});

export const cannotListen = defineError<{ where: string; reason: string }>("INB-100003", {
  message: ({ where, reason }) =>
    `inbox cannot listen on ${where}: ${reason}. Check that inbox.address is an address of this host and that this user may use inbox.port.`,
  mayRetry: true,
});

export const noticesUndeliverable = defineError<{ where: string; reason: string }>("INB-100002", {
  message: ({ where, reason }) =>
    `Notices cannot be handed to inMail at ${where}: ${reason}. They are kept and sent when inMail answers.`,
  mayRetry: true,
});
