/** Errors of operators and sessions. Codes that clients test for are Classic's. */

import { defineError } from "#foundation/errors.ts";

/** The same for a wrong password, an unknown login, a disabled operator and one without rights. */
export const logonRefused = defineError("XSV-350012", {
  message: () => "Invalid login or password. Connection denied.",
});

/** Clients take this code as the sign to log on again: it stands for nothing else. */
export const sessionInvalid = defineError("XSV-350008", {
  message: () => "Session has expired or is invalid. Please reconnect.",
});

export const logonSlowed = defineError<{ waitSec: number }>("XSV-350100", {
  message: ({ waitSec }) => `Too many failed logons. Try again in ${waitSec} s.`,
  mayRetry: true,
});

export const tooManyLogonsAtOnce = defineError("XSV-350101", {
  message: () => "Too many logons are being checked at this moment. Try again in a few seconds.",
  mayRetry: true,
});

export const passwordRefused = defineError<{ reason: string }>("XSV-350102", {
  message: ({ reason }) => `This password is not accepted: ${reason}.`,
});

/** Answered only to who has proved to be the operator, so that it helps nobody to find logins. */
export const zoneRefused = defineError("XSV-350013", {
  message: () => "This address is not in the security zone of the operator. Connection denied.",
});

export const logonNeedsTls = defineError("XSV-350103", {
  message: () =>
    "Logging on from here needs HTTPS: set web.tls, have a proxy of web.trustedProxies speak it, or put this network into a zone with allowHTTP.",
});

export const operatorExists = defineError<{ login: string }>("XSV-350104", {
  message: ({ login }) => `There is an operator '${login}' already. Choose another login.`,
});

export const loginRefused = defineError<{ login: string }>("XSV-350105", {
  message: ({ login }) =>
    `'${login}' cannot be a login: it takes 1 to 80 letters, digits and the signs . _ - @ +, and is not 'internal'.`,
});

export const unknownName = defineError<{ kind: "operator" | "right" | "group" | "zone" | "scope"; name: string }>(
  "XSV-350106",
  {
    message: ({ kind, name }) => `There is no ${kind} '${name}'. Nothing was changed.`,
  },
);

export const lastAdministrator = defineError<{ login: string }>("XSV-350107", {
  message: ({ login }) =>
    `'${login}' is the last operator with the right admin who can log on. Give the right to another one first.`,
});

export const authorGone = defineError<{ operatorId: number }>("XSV-350110", {
  message: ({ operatorId }) =>
    `The operator ${operatorId} with whose rights this should run is gone. Store the delivery or the workflow anew.`,
});
