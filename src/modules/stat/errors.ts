/** Errors of stat. */

import { defineError } from "#foundation/errors.ts";

export const statPortTaken = defineError<{ address: string; port: number; owner: string }>("STA-100001", {
  message: ({ address, port, owner }) =>
    `UDP port ${port} of ${address} is taken by ${owner}. End that program, or set stat.port to another port for stat and mta alike.`,
});

export const statNotListening = defineError<{ address: string; port: number; reason: string }>("STA-100002", {
  message: ({ address, port, reason }) =>
    `UDP port ${port} of ${address} cannot be listened on: ${reason}. Check stat.address and stat.port.`,
});

export const statNotAnswering = defineError<{ address: string; port: number }>("STA-100003", {
  message: ({ address, port }) =>
    `The statistics server at ${address}:${port} does not answer. Start it with: postrider start stat@INSTANCE`,
  mayRetry: true,
});

export const databaseSilent = defineError<{ limitMs: number }>("STA-100004", {
  message: ({ limitMs }) => `The database has not answered for ${limitMs} ms on the connection of the lock.`,
  mayRetry: true,
});

export const seatTaken = defineError("STA-100005", {
  message: () => "Another stat of this database has taken over: what this one counts is not written any more.",
  mayRetry: true,
});
