import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import type { Lot } from "#channels/permits/held-permits.ts";
import { type Path, sliceMs } from "#channels/permits/permit-messages.ts";
import { permitPeer } from "#channels/permits/permit-peer.ts";
import { openPermits, type Permits } from "#channels/permits/permits.ts";
import { surveyStat } from "#channels/permits/survey-stat.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import type { Context } from "#foundation/module.ts";
import { aContext } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { hasty } from "#test/support/stat-patience.ts";
import { insertMxRule } from "#test/support/stat-store.ts";
import { until } from "#test/support/until.ts";

import { serveStat } from "../serve-stat.ts";
import { endBackend, findHolder } from "./holder-store.ts";
import { serveAlone } from "./serve-alone.ts";

const mostConnections = 3;
const perSlice = 60;
const messageMs = 20;
const patient = { limitMs: 60_000 };

/** An exchanger that takes one message a line, and counts what it sees: sender by sender, and connections at the same time. */
type Exchanger = {
  readonly path: Path;
  readonly port: number;
  readonly taken: Map<string, number>;
  readonly mostOpen: () => number;
  readonly mostInSlice: () => number;
};

async function anExchanger(t: Ending, host: string, address: string): Promise<Exchanger> {
  const open = new Set<Socket>();
  const taken = new Map<string, number>();
  const bySlice = new Map<number, number>();
  let mostOpen = 0;
  const take = (socket: Socket, sender: string): void => {
    const slice = Math.floor(Date.now() / sliceMs);
    taken.set(sender, (taken.get(sender) ?? 0) + 1);
    bySlice.set(slice, (bySlice.get(slice) ?? 0) + 1);
    socket.write("250\n");
  };
  const server = createServer((socket) => {
    open.add(socket);
    mostOpen = Math.max(mostOpen, open.size);
    socket.on("data", (line) => take(socket, line.toString().trim()));
    socket.on("error", () => undefined);
    socket.on("end", () => open.delete(socket));
    socket.on("close", () => open.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const bound = server.address();
  assert.ok(typeof bound === "object" && bound !== null);
  return {
    path: { host, address, publicId: 1 },
    port: bound.port,
    taken,
    mostOpen: () => mostOpen,
    mostInSlice: () => Math.max(0, ...bySlice.values()),
  };
}

type Host = { readonly context: Context; readonly sender: string; readonly begin: () => Promise<void> };

/** A stat, and a sender that asks it. */
async function aHost(t: Ending, db: Database, sender: string): Promise<Host> {
  // However short the grace after a restart is: who takes over waits for senders that do not reach it.
  const context = await aContext(t, { db, settings: `[stat]\nport = ${await aUdpPort()}\ngraceSec = 0` });
  const begin = async (): Promise<void> => {
    const running = await serveAlone(context, (tenure) => serveStat(context, tenure), hasty);
    t.after(() => running.stop());
  };
  return { context, sender, begin };
}

/** Keeps as many connections busy as it gets, as a child of mta does, until the test ends. */
function sendTo(t: Ending, { context, sender }: Host, exchangers: readonly Exchanger[]): void {
  const permits = openPermits({ ...permitPeer(context), client: sender, elapsedMs: () => performance.now() });
  const ending = new AbortController();
  const { signal } = ending;
  const lanes = exchangers.flatMap((exchanger) =>
    Array.from({ length: mostConnections + 1 }, () => keepSending(permits, exchanger, sender, signal)),
  );
  t.after(async () => {
    ending.abort();
    await Promise.all(lanes);
    await permits.close(0);
  });
}

async function keepSending(permits: Permits, exchanger: Exchanger, sender: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const leave = await permits.connect(exchanger.path, signal);
    if (leave?.kind !== "granted") {
      await sleep(Math.min(leave?.retryAfterMs ?? messageMs, 250));
      continue;
    }
    const unused = await sendOver({ permits, exchanger, sender, lot: leave.lot, signal });
    permits.release(exchanger.path, unused);
  }
}

/** Answers the lot that is left when nothing may be sent over the connection any more. */
async function sendOver(given: {
  readonly permits: Permits;
  readonly exchanger: Exchanger;
  readonly sender: string;
  readonly lot: Lot | undefined;
  readonly signal: AbortSignal;
}): Promise<Lot | undefined> {
  const { permits, exchanger, sender, signal } = given;
  let { lot } = given;
  const socket = connect(exchanger.port, "127.0.0.1");
  while (!signal.aborted && !permits.isLeaseOver) {
    if (lot !== undefined && !permits.take(lot)) {
      const more = await permits.askTokens(exchanger.path, 10, signal);
      if (more?.kind !== "granted") break;
      ({ lot } = more);
      continue;
    }
    socket.write(`${sender}\n`);
    await once(socket, "data");
    if (lot !== undefined) permits.endMessage(lot);
    await sleep(messageMs);
  }
  socket.end();
  await once(socket, "close");
  return lot;
}

test("two hosts: one stat is cut off from its database, the other takes over, its senders go on, and no limit is passed", async (test) => {
  const t = inReverse(test);
  const address = await aDatabaseAddress(t);
  const way = await aFalteringDatabase(t, address);
  const direct = openDatabase({ address, applicationName: "test", maxConnections: 5 });
  t.after(() => direct.close());
  await insertMxRule(direct, { mask: "*", maxConnections: mostConnections });
  await insertMxRule(direct, {
    mask: "limited.*",
    maxConnections: mostConnections,
    maxMessagesPerHour: 12 * perSlice,
    position: -2,
  });
  const limited = await anExchanger(t, "limited.example.test", "192.0.2.1");
  const free = await anExchanger(t, "free.example.test", "192.0.2.2");
  const [one, other] = [await aHost(t, way.db, "one"), await aHost(t, direct, "other")];
  await one.begin();
  sendTo(t, one, [limited, free]);
  await until(() => (limited.taken.get("one") ?? 0) > 5 && (free.taken.get("one") ?? 0) > 5, "the first host to send");
  await other.begin();
  sendTo(t, other, [limited, free]);

  const holder = await findHolder(direct);
  assert.ok(holder !== undefined);
  way.fallSilent();
  // As the database does when it has not heard the host for long.
  await endBackend(direct, holder);
  const before = free.taken.get("one") ?? 0;
  await until(() => (free.taken.get("other") ?? 0) > 50, "the second host to send", patient);
  assert.ok((free.taken.get("one") ?? 0) > before, "the first went on meanwhile");
  const after = free.taken.get("one");
  assert.ok(limited.mostOpen() <= mostConnections, `${limited.mostOpen()} connections to the limited one`);
  assert.ok(free.mostOpen() <= mostConnections, `${free.mostOpen()} connections to the other`);
  assert.ok(limited.mostInSlice() <= perSlice, `${limited.mostInSlice()} messages in a slice`);
  const shown = (await surveyStat(other.context, { limitMs: 2_000, mostPaths: 10 })).found;
  for (const { slice } of shown?.paths ?? []) assert.ok(slice.limit === 0 || slice.spent <= slice.limit);

  way.comeBack();
  await until(
    async () => (await surveyStat(one.context, { limitMs: 200, mostPaths: 1 })).found === undefined,
    "it to end",
  );
  assert.equal(free.taken.get("one"), after, "nothing more leaves by the first");
});
