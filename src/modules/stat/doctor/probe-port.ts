/** Finds out what stands behind a UDP port that gives no answer. */

import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

/** `closed`: its host says that nothing listens. `silent`: something listens, or a firewall swallows what is sent. */
export type PortState = "closed" | "silent" | "unreachable";

const tries = 3;
const betweenMs = 150;

/** Sends a byte that no server of ours answers, a few times, and hears what the network says to it. */
export function probePort(address: string, port: number): Promise<PortState> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    let sent = 0;
    const end = (state: PortState): void => {
      clearInterval(timer);
      socket.removeAllListeners("error").on("error", () => undefined);
      socket.close(() => resolve(state));
    };
    const send = (): void => {
      if (sent === tries) return end("silent");
      sent += 1;
      socket.send("?", (error) => {
        if (error !== null) end(stateOf(error));
      });
    };
    const timer = setInterval(() => {
      if (sent > 0) send();
    }, betweenMs);
    socket.once("error", (error) => end(stateOf(error)));
    // Connected, a socket is told when nobody listens. Without a callback a failure comes as an event.
    socket.once("connect", send);
    socket.connect(port, address);
  });
}

function stateOf(error: NodeJS.ErrnoException): PortState {
  return error.code === "ECONNREFUSED" ? "closed" : "unreachable";
}
