/** Errors of syslogd. */

import { defineError } from "#foundation/errors.ts";

export const logPortTaken = defineError<{ address: string; port: number; owner: string }>("SLG-100001", {
  message: ({ address, port, owner }) =>
    `UDP port ${port} on ${address} is taken by ${owner}. Stop that program, or let syslogd use another port: syslogd.port.`,
  mayRetry: true,
});

export const logPortRefused = defineError<{ address: string; port: number; reason: string }>("SLG-100002", {
  message: ({ address, port, reason }) =>
    `syslogd cannot listen on UDP ${address}:${port}: ${reason}. Set syslogd.address to an address of this host, and syslogd.port to one that this user may use.`,
});
