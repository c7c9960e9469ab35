/** Errors of content. */

import { defineError } from "#foundation/errors.ts";

export const contentNotReady = defineError<{ deliveryId: number; problem: string }>("CNT-100001", {
  message: ({ deliveryId, problem }) =>
    `The content of delivery ${deliveryId} cannot be sent: ${problem} Correct it and analyse the delivery again.`,
});

export const linkNotPrepared = defineError<{ deliveryId: number; url: string }>("CNT-100002", {
  message: ({ deliveryId, url }) =>
    `The link ${url} was put into delivery ${deliveryId} after its analysis, so that clicks on it would lead nowhere. Analyse the delivery again.`,
});

export const invalidDkimSettings = defineError<{ problem: string }>("CNT-100003", {
  message: ({ problem }) =>
    `Messages cannot be signed: ${problem}. Correct the settings in the section dkim, or empty dkim.domain to send without signature.`,
});

export const recipientAddressUnsafe = defineError<{ broadLogId: number }>("CNT-100004", {
  message: ({ broadLogId }) =>
    `The address of the message ${broadLogId} is no mail address; nothing was composed for it.`,
});
