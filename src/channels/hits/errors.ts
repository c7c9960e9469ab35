/** Errors of the way to the redirection server. */

import { defineError } from "#foundation/errors.ts";

export const hitsServerAway = defineError<{ server: string; reason: string }>("HIT-100001", {
  message: ({ server, reason }) =>
    `The redirection server ${server} does not answer: ${reason}. Check that trackinglogd runs there, and trackinglogd.address, .port and .servers.`,
  mayRetry: true,
});

export const hitsServerRefused = defineError<{ server: string; status: number; reason: string }>("HIT-100002", {
  message: ({ server, status, reason }) =>
    `The redirection server ${server} refuses (${status}): ${reason}. It must have the same conf/secret.key and know this instance, and its clock must be right.`,
  mayRetry: true,
});

export const invalidDeliveryLinks = defineError<{ problem: string }>("HIT-100003", {
  message: ({ problem }) => `The links of a delivery cannot be taken over: ${problem}.`,
});
