/** Errors of the audience. */

import { defineError } from "#foundation/errors.ts";

export const invalidAddress = defineError<{ reason: string }>("AUD-100001", {
  message: ({ reason }) => `The e-mail address cannot be used. ${reason}`,
});

export const serviceUnknown = defineError<{ service: string }>("AUD-100002", {
  message: ({ service }) => `There is no information service '${service.slice(0, 100)}'.`,
});

export const tooManyServices = defineError<{ most: number }>("AUD-100003", {
  message: ({ most }) => `Name ${most} information services at most.`,
});
