/** Ports that were free a moment ago, as environment variables of a platform. */

import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** One port for each place where processes of a platform meet. */
export async function freePorts(): Promise<Record<string, string>> {
  const [web, trackinglogd, inbox, inMail] = await Promise.all([aTcpPort(), aTcpPort(), aTcpPort(), aTcpPort()]);
  const [syslogd, stat] = await Promise.all([aUdpPort(), aUdpPort()]);
  return {
    POSTRIDER_WEB_PORT: String(web),
    POSTRIDER_TRACKINGLOGD_PORT: String(trackinglogd),
    POSTRIDER_INBOX_PORT: String(inbox),
    POSTRIDER_IN_MAIL_PORT: String(inMail),
    POSTRIDER_SYSLOGD_PORT: String(syslogd),
    POSTRIDER_STAT_PORT: String(stat),
  };
}

/** A TCP port of the loopback address that nobody listens on. */
export function aTcpPort(): Promise<number> {
  return firstFree(
    (port) =>
      new Promise((resolve, reject) => {
        const server = createServer();
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
      }),
  );
}

/** A UDP port of the loopback address that nobody listens on. */
export function aUdpPort(): Promise<number> {
  return firstFree(
    (port) =>
      new Promise((resolve, reject) => {
        const socket = createSocket("udp4");
        socket.once("error", reject);
        socket.bind(port, "127.0.0.1", () => socket.close(() => resolve()));
      }),
  );
}

/**
 * Below the ports that the system gives to sockets without one of their own (from 32,768): else a client of another test could be given
 * the port between this look and its use.
 */
const lowestPort = 12_000;
const highestPort = 32_000;
const mostTries = 100;

async function firstFree(tryToHold: (port: number) => Promise<void>): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = randomInt(lowestPort, highestPort);
    const isFree = await tryToHold(port).then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
  throw new Error(`no free port in ${mostTries} tries`);
}
