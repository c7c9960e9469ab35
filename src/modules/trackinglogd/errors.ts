/** Errors of trackinglogd. */

import { defineError } from "#foundation/errors.ts";

export const hitsPortTaken = defineError<{ address: string; port: number; owner: string }>("TLG-100001", {
  message: ({ address, port, owner }) =>
    `TCP port ${port} on ${address} is taken by ${owner}. Stop that program, or let trackinglogd use another port: trackinglogd.port.`,
  mayRetry: true,
});

export const hitsPortRefused = defineError<{ address: string; port: number; reason: string }>("TLG-100002", {
  message: ({ address, port, reason }) =>
    `trackinglogd cannot listen on TCP ${address}:${port}: ${reason}. Set trackinglogd.address to an address of this host, and trackinglogd.port to one that this user may use.`,
});
