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

export const dkimKeyUnusable = defineError<{ domain: string; selector: string; problem: string }>("CNT-100020", {
  message: ({ domain, selector, problem }) =>
    `The DKIM key ${selector} of ${domain} cannot be used: ${problem}. Make another with postrider dkim -create:${domain}.`,
});

export const dkimDomainInvalid = defineError<{ problem: string }>("CNT-100021", {
  message: ({ problem }) => `No DKIM key was made: ${problem}. Name the domain of the sender, such as example.org.`,
});

export const dkimSelectorTaken = defineError<{ domain: string; selector: string }>("CNT-100022", {
  message: ({ domain, selector }) =>
    `The domain ${domain} has a key ${selector} already. Choose another name with -selector.`,
});

export const dkimNoNextKey = defineError<{ domain: string }>("CNT-100023", {
  message: ({ domain }) =>
    `The domain ${domain} has no next key. Make one with postrider dkim -create:${domain} and publish it first.`,
});

export const dkimNotPublished = defineError<{ name: string; problem: string }>("CNT-100024", {
  message: ({ name, problem }) =>
    `Nothing was changed, because receivers would not find the key: at ${name}, ${problem}. Publish the record that postrider dkim -list shows, and try again; -force does not look.`,
});

export const contentNotRendered = defineError("CNT-100031", {
  message: () => "The scripts of a message were not run before it was composed; nothing was composed for it.",
});

export const scriptFailed = defineError<{ problem: string }>("CNT-100032", {
  message: ({ problem }) => `A script of the content failed for this recipient: ${problem}`,
});

export const scriptStopped = defineError<{ deliveryId: number; problem: string }>("CNT-100033", {
  message: ({ deliveryId, problem }) =>
    `A script of delivery ${deliveryId} was stopped at its limit: ${problem} Correct the content in a copy of the delivery, or raise the limits in the section personalization.`,
});
