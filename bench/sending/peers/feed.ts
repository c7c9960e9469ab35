/** Hands messages to a relay that stores and forwards them: 20 connections, one message at a time on each. */

import { once } from "node:events";
import { connect } from "node:net";

import { countReplies, envelope, makeComposer } from "../bare-client.ts";

const connections = 20;

/** Feeds so many unsigned messages to a relay on this machine; resolves when it has taken them all. */
export async function feed(port: number, messages: number): Promise<void> {
  const compose = makeComposer(undefined);
  let next = 0;
  const carry = async (): Promise<void> => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const hear = countReplies(socket);
    await hear(1);
    socket.write("EHLO bench.example\r\n");
    await hear(1);
    while (next < messages) {
      next += 1;
      const recipient = next;
      socket.write(envelope(recipient));
      await hear(3);
      socket.write(await compose(recipient));
      await hear(1);
    }
    socket.end("QUIT\r\n");
    await once(socket, "close");
  };
  await Promise.all(Array.from({ length: connections }, () => carry()));
}
