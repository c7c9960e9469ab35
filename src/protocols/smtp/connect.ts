/** Opens a connection over TCP, within a time. */

import { connect as connectTcp } from "node:net";

import type { Conversation, Trace } from "./conversation.ts";
import { converse } from "./converse.ts";
import { describe, inSeconds } from "./loss-text.ts";
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
  /** Breaks it off. */
  signal?: AbortSignal;
}): Promise<Conversation | Loss> {
  const socket = connectTcp({
    host: options.address,
    port: options.port,
    noDelay: true,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  });
  const { limitMs, signal } = options;
  const failure = await new Promise<Loss | undefined>((resolve) => {
    const finish = (loss?: Loss): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", breakOff);
      resolve(loss);
    };
    const breakOff = (): void => finish({ cause: "closed", text: "the connection was broken off on our side" });
    const timer = setTimeout(
      () => finish({ cause: "timeout", text: `no connection within ${inSeconds(limitMs)}` }),
      limitMs,
    );
    socket.once("connect", () => finish());
    socket.once("error", (error) => finish({ cause: "closed", text: `no connection: ${describe(error)}` }));
    if (signal?.aborted === true) breakOff();
    else signal?.addEventListener("abort", breakOff, { once: true });
  });
  if (failure !== undefined) {
    socket.on("error", () => undefined);
    socket.destroy();
    return failure;
  }
  return converse(socket, options.trace);
}
