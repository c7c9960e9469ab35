/** Errors of inMail. */

import { defineError } from "#foundation/errors.ts";

export const portTaken = defineError<{ where: string; owner: string }>("INM-100001", {
  message: ({ where, owner }) =>
    `inMail cannot listen on ${where}: ${owner} holds this port. Stop it, or choose another port with inMail.port.`,
  mayRetry: true,
});

export const cannotListen = defineError<{ where: string; reason: string }>("INM-100003", {
  message: ({ where, reason }) =>
    `inMail cannot listen on ${where}: ${reason}. Check that inMail.address is an address of this host and that this user may use inMail.port.`,
  mayRetry: true,
});

export const mailboxUnreadable = defineError<{ where: string; reason: string }>("INM-100002", {
  message: ({ where, reason }) =>
    `The bounce mailbox at ${where} cannot be read: ${reason}. Check inMail.popHost, popPort, popLogin, popPassword and popEncryption; it is tried again.`,
  mayRetry: true,
});
