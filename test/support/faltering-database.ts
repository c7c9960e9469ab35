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
  /** True when something was said that has not passed. */
  readonly holdsBack: boolean;
};

type Pair = {
  readonly sockets: readonly [Socket, Socket];
  isHeld: boolean;
  /** What passes later. */
  readonly held: (() => void)[];
};

/** @param address of a database that listens on a Unix socket, as those of tests do */
export async function aFalteringDatabase(t: Ending, address: DatabaseAddress): Promise<FalteringDatabase> {
  const url = new URL(address.url);
  const target = `${url.searchParams.get("host") ?? ""}/.s.PGSQL.5432`;
  let state: "open" | "silent" | "closed" = "open";
  const pairs = new Set<Pair>();
  const server = createServer((client) => {
    if (state === "closed") return client.destroy();
    const upstream = connect(target);
    const pair: Pair = { sockets: [client, upstream], isHeld: state === "silent", held: [] };
    const pass = (deed: () => void): void => {
      if (pair.isHeld) pair.held.push(deed);
      else deed();
    };
    pairs.add(pair);
    for (const [from, to] of [pair.sockets, [upstream, client] as const]) {
      from.on("data", (piece) => pass(() => void to.write(piece)));
      from.on("error", () => undefined);
      from.on("close", () =>
        pass(() => {
          to.destroy();
          pairs.delete(pair);
        }),
      );
    }
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
    for (const socket of [...pairs].flatMap(({ sockets }) => sockets)) socket.destroy();
    server.close();
    await db.close();
  });
  return {
    db,
    address: through,
    fallSilent: () => {
      state = "silent";
      for (const pair of pairs) pair.isHeld = true;
    },
    strand: () => {
      for (const pair of pairs) pair.isHeld = true;
    },
    refuse: () => {
      state = "closed";
      for (const { sockets } of pairs) sockets[0].destroy();
    },
    comeBack: () => {
      state = "open";
      for (const pair of pairs) {
        pair.isHeld = false;
        for (const deed of pair.held.splice(0)) deed();
      }
    },
    get holdsBack() {
      return [...pairs].some(({ held }) => held.length > 0);
    },
  };
}
