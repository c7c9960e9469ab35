/** Opens the UDP port that log lines come in by. */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

import { describeError } from "#foundation/errors.ts";
import { findPortOwner, isPortTaken } from "#foundation/port-owner.ts";

import { logPortRefused, logPortTaken } from "./errors.ts";

/**
 * Binds the port.
 * @param receiveBufferBytes what is asked for; `socket.getRecvBufferSize()` says what was granted
 * @throws logPortTaken naming the program that holds it, logPortRefused
 */
export async function openLogSocket(options: {
  address: string;
  port: number;
  receiveBufferBytes: number;
}): Promise<Socket> {
  const { address, port } = options;
  const socket = createSocket({ type: isIPv6(address) ? "udp6" : "udp4", recvBufferSize: options.receiveBufferBytes });
  try {
    socket.bind(port, address);
    await once(socket, "listening");
    return socket;
  } catch (cause) {
    socket.close();
    if (isPortTaken(cause)) throw logPortTaken({ address, port, owner: findPortOwner("udp", port) }, { cause });
    throw logPortRefused({ address, port, reason: describeError(cause) }, { cause });
  }
}
