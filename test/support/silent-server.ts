/** A TCP server that takes connections and says nothing, whatever it is asked. */

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

import type { Ending } from "./endings.ts";

export type SilentServer = {
  readonly port: number;
  /** Resolves once somebody has connected. */
  readonly taken: Promise<unknown>;
};

/** Starts it; it and its connections are closed at the end. */
export async function aSilentServer(t: Ending): Promise<SilentServer> {
  const server = createServer((socket) => {
    t.after(() => void socket.destroy());
  });
  t.after(() => void server.close());
  const taken = once(server, "connection");
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, taken };
}
