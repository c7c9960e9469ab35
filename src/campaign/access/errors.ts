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
