/** Ports that were free a moment ago, as environment variables of a platform. */

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
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === "object" && bound !== null ? bound.port : 0));
    });
  });
}

/** A UDP port of the loopback address that nobody listens on. */
export function aUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", () => {
      const bound = socket.address().port;
      socket.close(() => resolve(bound));
    });
  });
}
