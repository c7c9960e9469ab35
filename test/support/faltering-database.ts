/** A way to a database that can fall silent, refuse, and come back: for what must hold while PostgreSQL is away. */

import { connect, createServer, type AddressInfo, type Socket } from "node:net";

import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";

import type { Ending } from "./endings.ts";

export type FalteringDatabase = {
  readonly db: Database;
  /** For processes that take the same way. */
  readonly address: DatabaseAddress;
  /** Connections stay open and nothing passes any more. */
  fallSilent(): void;
  /** Connections stay open and nothing passes on them any more, nor that they end; new ones work. */
  strand(): void;
  /** Connections break, and new ones are cut at once. */
  refuse(): void;
  comeBack(): void;
};

/** @param address of a database that listens on a Unix socket, as those of tests do */
export async function aFalteringDatabase(t: Ending, address: DatabaseAddress): Promise<FalteringDatabase> {
  const url = new URL(address.url);
  const target = `${url.searchParams.get("host") ?? ""}/.s.PGSQL.5432`;
  let state: "open" | "silent" | "closed" = "open";
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    if (state === "closed") return client.destroy();
    const upstream = connect(target);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on("data", (piece) => void to.write(piece));
      from.on("error", () => undefined);
      from.on("close", () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
    if (state === "silent") for (const socket of pair) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const through: DatabaseAddress = { url: `postgres://postrider@127.0.0.1:${port}${url.pathname}` };
  const db = openDatabase({
    address: through,
    applicationName: "test",
    maxConnections: 3,
  });
  t.after(async () => {
    state = "closed";
    for (const [client] of pairs) client.destroy();
    server.close();
    await db.close();
  });
  return {
    db,
    address: through,
    fallSilent: () => {
      state = "silent";
      for (const socket of [...pairs].flat()) socket.pause();
    },
    strand: () => {
      for (const socket of [...pairs].flat()) socket.pause();
    },
    refuse: () => {
      state = "closed";
      for (const [client] of pairs) client.destroy();
    },
    comeBack: () => {
      state = "open";
      for (const socket of [...pairs].flat()) socket.resume();
    },
  };
}
