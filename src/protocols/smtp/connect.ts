/** Opens a connection over TCP, within a time. */

import { connect as connectTcp } from "node:net";

import { converse, type Conversation, describe, inSeconds, type Trace } from "./converse.ts";
import type { Loss } from "./outcome.ts";

/**
 * Connects over TCP.
 * @returns the conversation, before the greeting; or why there is none
 */
export async function connect(options: {
  address: string;
  port: number;
  localAddress?: string;
  limitMs: number;
  trace?: Trace;
}): Promise<Conversation | Loss> {
  const socket = connectTcp({
    host: options.address,
    port: options.port,
    noDelay: true,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  });
  const failure = await new Promise<Loss | undefined>((resolve) => {
    const timer = setTimeout(
      () => resolve({ cause: "timeout", text: `no connection within ${inSeconds(options.limitMs)}` }),
      options.limitMs,
    );
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      resolve({ cause: "closed", text: `no connection: ${describe(error)}` });
    });
  });
  if (failure !== undefined) {
    socket.on("error", () => undefined);
    socket.destroy();
    return failure;
  }
  return converse(socket, options.trace);
}
