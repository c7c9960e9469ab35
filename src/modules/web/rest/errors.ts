/** Errors of the REST interface. */

import { defineError } from "#foundation/errors.ts";

export const resourceMissing = defineError("WEB-100110", {
  message: () => "There is nothing at this address, or nothing that you may see. GET /api/v1/ lists what there is.",
});

export const methodNotAllowed = defineError<{ method: string; allowed: string }>("WEB-100111", {
  message: ({ method, allowed }) => `This address does not take ${method}. It takes: ${allowed}.`,
});

export const notAcceptable = defineError<{ offered: string }>("WEB-100112", {
  message: ({ offered }) => `This address answers ${offered} only; let the Accept header allow it.`,
});

export const bodyTypeRefused = defineError<{ accepted: string }>("WEB-100113", {
  message: ({ accepted }) => `The body must be ${accepted}, plain and in UTF-8: say so in the Content-Type header.`,
});

export const bodyTooLarge = defineError<{ limit: string }>("WEB-100114", {
  message: ({ limit }) => `The request is too large: ${limit}. Send it in several requests.`,
});

export const jsonUnreadable = defineError<{ problem: string; at: number }>("WEB-100115", {
  message: ({ problem, at }) => `The body is not the JSON that is expected: ${problem} (at character ${at + 1}).`,
});

export const credentialsMissing = defineError("WEB-100116", {
  message: () =>
    "Say who you are: send an API token (Authorization: Bearer pr_...), or a session token with its security token.",
});

export const credentialsInvalid = defineError("WEB-100117", {
  message: () => "The token is unknown, has expired or was revoked.",
});

export const requestForged = defineError("WEB-100118", {
  message: () =>
    "A request that changes something and is made with the session's cookie must come from a page of this host and carry the header X-Security-Token (GET /api/v1/session tells it).",
});

export const scopeMissing = defineError<{ scope: string }>("WEB-100119", {
  message: ({ scope }) =>
    `This token was not given the scope '${scope}'. Make one that has it: POST /api/v1/api-tokens.`,
});

export const tokenNotEnough = defineError("WEB-100120", {
  message: () => "API tokens are made, listed and revoked by someone who is logged on, not with a token.",
});

export const requestInvalid = defineError<{ count: number }>("WEB-100121", {
  message: ({ count }) =>
    count === 1 ? "One value of the request is not right." : `${count} values of the request are not right.`,
});

export const cursorInvalid = defineError("WEB-100122", {
  message: () =>
    "The value of 'after' does not belong to this list. Take it from 'next' of the page before, and leave filter and sort as they were.",
});

export const preconditionFailed = defineError("WEB-100123", {
  message: () => "It was changed in the meantime. Read it again, and repeat the change on what it is now.",
});

export const keyReused = defineError("WEB-100124", {
  message: () => "This Idempotency-Key came with another request before. Use a new key for a new request.",
});

export const keyInFlight = defineError("WEB-100125", {
  message: () =>
    "The request with this Idempotency-Key is being carried out, or was cut off before its answer was kept. Look whether it had its effect before you send it with a new key.",
});

export const requestUnreadable = defineError<{ problem: string }>("WEB-100126", {
  message: ({ problem }) => `The request cannot be read: ${problem}.`,
});

export const writingRefused = defineError("WEB-100127", {
  message: () => "You may see this and not change it.",
});
