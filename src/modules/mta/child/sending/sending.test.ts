import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import {
  type Answer,
  connectionLeaseMs,
  type ConnectionLimits,
  type Question,
} from "#channels/permits/permit-messages.ts";
import { openPermits, type Permits } from "#channels/permits/permits.ts";
import { silentLog } from "#foundation/log.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aTcpPort } from "#test/support/free-ports.ts";
import { aPermitServer } from "#test/support/permit-server.ts";
import { aScriptedSmtp, chunkingExtensions, type ScriptedSmtp, usualExtensions } from "#test/support/scripted-smtp.ts";
import { until } from "#test/support/until.ts";
import { slowly, within } from "#test/support/within.ts";

import type { Destination } from "../routing/destination.ts";
import type { Targets } from "../routing/order-paths.ts";
import { type ContentWindows, openContentWindows } from "./content-window.ts";
import type { Job, JobEnd } from "./job.ts";
import { openPathHealth } from "./path-health.ts";
import { poolOf, type SourcePool } from "./source.ts";
import { type Shaper, shapeTraffic } from "./shape-traffic.ts";

const limits: ConnectionLimits = {
  maxMessages: 500,
  connectionTimeoutMs: 300,
  dataTimeoutMs: 300,
  otherTimeoutMs: 300,
  tls: "disabled",
};

const ownPool = poolOf([{ address: "", publicId: 1, heloName: "sender.example.test", weight: 1 }]);

type Given = {
  readonly pool?: SourcePool;
  readonly maxSessions?: number;
  readonly maxAgeMs?: number;
  readonly initialDelayMs?: number;
  readonly idleSessionMs?: number;
  readonly onLeave?: () => void;
  readonly whenSafe?: () => Promise<boolean>;
  /** True while stat cannot be sure that no other one grants. */
  readonly isPaused?: () => boolean;
  /** By how much the clock of the permits is ahead. */
  readonly aheadMs?: () => number;
  /** What stat says; connections it granted are counted in `open`. */
  readonly answer?: (question: Question, open: number) => Answer;
  /** How long the signature of a message takes. */
  readonly composeMs?: (broadLogId: number) => number;
  /** The journal: what it answers is waited for. */
  readonly onEnd?: () => Promise<void> | undefined;
};

type Sending = {
  readonly shaper: Shaper;
  readonly permits: Permits;
  /** Sends so many messages to a destination; `ends` collects how each came back. */
  send(destination: Destination, count: number, owner?: object): void;
  readonly ends: Map<number, JobEnd>;
  readonly mostOpen: () => number;
  readonly windows: ContentWindows;
};

async function aSending(test: Ending, given: Given = {}): Promise<Sending> {
  const t = inReverse(test);
  const key = randomBytes(32);
  let open = 0;
  let mostOpen = 0;
  const stat = await aPermitServer(t, {
    key,
    answer: (question) => {
      const answer = given.answer?.(question, open) ?? grant(question);
      if (question.kind === "connect" && answer.kind === "granted") open += 1;
      if (question.kind === "release") open -= 1;
      mostOpen = Math.max(mostOpen, open);
      return answer;
    },
    isPaused: () => given.isPaused?.() ?? false,
  });
  const elapsedMs = (): number => performance.now();
  const permits = openPermits({
    address: "127.0.0.1",
    port: stat.port,
    key,
    client: "test:1:a",
    elapsedMs: () => elapsedMs() + (given.aheadMs?.() ?? 0),
    onYield: (path) => shaper.yieldOne(path),
  });
  t.after(() => permits.close());
  const windows = openContentWindows(elapsedMs);
  const shaper = shapeTraffic({
    maxSessions: given.maxSessions ?? 10,
    maxAgeMs: given.maxAgeMs ?? 60_000,
    tools: {
      permits,
      log: silentLog,
      elapsedMs,
      now: () => new Date(),
      windows,
      health: openPathHealth(given.initialDelayMs ?? 50, elapsedMs),
      usesTls: false,
      idleSessionMs: given.idleSessionMs ?? 100,
      resolveTargets: resolveFromKey,
      isSafe: () => given.whenSafe === undefined,
      whenSafe: given.whenSafe ?? ((): Promise<boolean> => Promise.resolve(true)),
    },
  });
  t.after(() => shaper.drain(1_000));

  const ends = new Map<number, JobEnd>();
  let lastId = 0;
  const send = (destination: Destination, count: number, owner: object = {}): void => {
    const jobs = Array.from({ length: count }, (): Job => {
      lastId += 1;
      const broadLogId = lastId;
      return {
        broadLogId,
        owner,
        queuedMs: elapsedMs(),
        tries: 0,
        mayBegin: () => true,
        leave: () => {
          given.onLeave?.();
          return true;
        },
        stay: () => undefined,
        compose: () =>
          later(given.composeMs?.(broadLogId), {
            broadLogId,
            envelope: { from: "b@bounce.example.test", to: `r${broadLogId}@example.test` },
            messageId: `<${broadLogId}@example.test>`,
            content: Buffer.from(`Message-ID: <${broadLogId}@example.test>\r\n\r\nhello\r\n`),
            margins: { before: 0, behind: 0 },
            needsSmtpUtf8: false,
            release: () => undefined,
          }),
        end: (end) => {
          assert.ok(!ends.has(broadLogId), "a message ends once");
          ends.set(broadLogId, end);
          return given.onEnd?.() ?? Promise.resolve();
        },
      };
    });
    shaper.add(destination, given.pool ?? ownPool, jobs);
  };
  return { shaper, permits, send, ends, mostOpen: () => mostOpen, windows };
}

function later<T>(delayMs: number | undefined, value: T): Promise<T> {
  return delayMs === undefined ? Promise.resolve(value) : sleep(delayMs, value);
}

function grant(question: Question): Answer {
  return question.kind === "connect" || question.kind === "tokens" ? { kind: "granted", limits } : { kind: "done" };
}

/** Destinations of these tests name their targets themselves: `address=preference,address=preference`. */
function resolveFromKey({ key }: Destination): Promise<Targets> {
  const targets = key.split(",").map((target) => {
    const [address = "", preference = "0"] = target.split("=");
    return { host: address, address, preference: Number(preference) };
  });
  return Promise.resolve({ kind: "targets", targets });
}

function to(server: Pick<ScriptedSmtp, "address" | "port">, key = `${server.address}=10`): Destination {
  return { key, exchangers: [], port: server.port, isTrusted: true };
}

function kinds(ends: ReadonlyMap<number, JobEnd>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const end of ends.values()) {
    const kind = end.kind === "outcome" ? end.outcome.kind : end.reason;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function isSentOnce(server: ScriptedSmtp, count: number): boolean {
  return server.messages.length === count && new Set(server.messages.map(({ to }) => to)).size === count;
}

test("messages share sessions, and further ones are opened as the queue is long", async (t) => {
  const server = await aScriptedSmtp(t);
  const { send, ends } = await aSending(t);
  send(to(server), 100);
  await until(() => ends.size === 100, "all to end");
  assert.deepEqual(kinds(ends), { sent: 100 });
  assert.ok(isSentOnce(server, 100));
  assert.ok(server.connections <= 10);
});

test("three messages need one session", async (t) => {
  const server = await aScriptedSmtp(t);
  const { send, ends } = await aSending(t);
  send(to(server), 3);
  await until(() => ends.size === 3, "all to end");
  assert.equal(server.connections, 1);
});

test("a session waits a little for the next message, then says goodbye and gives its permit back", async (t) => {
  const server = await aScriptedSmtp(t);
  let released = 0;
  const { send, ends } = await aSending(t, {
    idleSessionMs: 150,
    answer: (question) => ((released += Number(question.kind === "release")), grant(question)),
  });
  send(to(server), 1);
  await until(() => ends.size === 1, "the first");
  send(to(server), 1);
  await until(() => ends.size === 2, "the second");
  assert.equal(server.connections, 1);
  await until(() => server.commands.at(-1) === "QUIT" && released === 1, "the goodbye");
});

test("sessions of all destinations together stay within the child's limit, and none waits for ever", async (t) => {
  const servers = await Promise.all(
    ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"].map((address) => aScriptedSmtp(t, { address })),
  );
  const { send, ends, mostOpen } = await aSending(t, { maxSessions: 2, idleSessionMs: 5_000 });
  for (const server of servers) send(to(server), 30);
  await until(() => ends.size === 120, "all to end");
  assert.ok(mostOpen() <= 2);
  assert.ok(servers.every((server) => isSentOnce(server, 30)));
});

test("a session that only waits is given to another child at once, a busy one after its message", async (t) => {
  const server = await aScriptedSmtp(t);
  const { shaper, send, ends } = await aSending(t, { idleSessionMs: 60_000 });
  send(to(server), 40);
  await until(() => ends.size === 40 && server.openConnections > 1, "all to end, and sessions to wait");
  shaper.yieldOne({ address: "127.0.0.77", publicId: 1 });
  assert.ok(shaper.sessions > 1);
  const allGone = (): boolean => {
    shaper.yieldOne({ address: server.address, publicId: 1 });
    return shaper.sessions === 0;
  };
  await until(allGone, "the waiting ones to go");

  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  server.behave({ DOT: () => released });
  send(to(server), 40);
  await until(() => server.commands.filter((line) => line === "DATA").length === 44, "four messages under way");
  shaper.yieldOne({ address: server.address, publicId: 1 });
  release(undefined);
  await until(() => ends.size === 80, "all to end");
  await until(() => shaper.sessions === 3, "one session to be gone");
});

test("without word of a stat that grants, sessions end: those that wait, and busy ones after their message", async (t) => {
  let isPaused = false;
  let aheadMs = 0;
  const server = await aScriptedSmtp(t);
  const { shaper, permits, send, ends } = await aSending(t, {
    idleSessionMs: 60_000,
    isPaused: () => isPaused,
    aheadMs: () => aheadMs,
    answer: (question) =>
      isPaused && question.kind === "connect"
        ? { kind: "wait", retryAfterMs: 50, reason: "database" }
        : grant(question),
  });
  send(to(server), 40);
  await until(() => ends.size === 40 && server.openConnections > 1, "all to end, and sessions to wait");
  isPaused = true;
  aheadMs = connectionLeaseMs;
  await until(() => shaper.sessions === 0, "the waiting ones to go");

  isPaused = false;
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  server.behave({ DOT: () => released });
  send(to(server), 40);
  await until(() => server.commands.filter((line) => line === "DATA").length === 44, "four messages under way");
  isPaused = true;
  aheadMs += connectionLeaseMs;
  await until(() => permits.isLeaseOver, "the lease to be over");
  release(undefined);
  await until(() => shaper.sessions === 0 && server.openConnections === 0, "all sessions to be gone");
  assert.ok(ends.size < 80, "most have not begun");
  isPaused = false;
  await until(() => ends.size === 80, "all to end");
  assert.ok(isSentOnce(server, 80));
});

test("a connection carries no more messages than its rule allows", async (t) => {
  const server = await aScriptedSmtp(t);
  const { send, ends } = await aSending(t, {
    maxSessions: 1,
    answer: (question) =>
      question.kind === "connect" ? { kind: "granted", limits: { ...limits, maxMessages: 7 } } : grant(question),
  });
  send(to(server), 30);
  await until(() => ends.size === 30, "all to end");
  assert.equal(server.connections, 5);
  assert.ok(isSentOnce(server, 30));
});

test("the first mail exchanger is dead, the second takes the message in the same attempt", async (t) => {
  const alive = await aScriptedSmtp(t, { address: "127.0.0.3" });
  const { send, ends } = await aSending(t);
  // Nobody listens on that port of 127.0.0.2.
  send(to(alive, "127.0.0.2=10,127.0.0.3=20"), 5);
  await until(() => ends.size === 5, "all to end");
  assert.deepEqual(kinds(ends), { sent: 5 });
});

test("a mail exchanger of worse preference is left alone while a better one is busy", async (t) => {
  const backup = await aScriptedSmtp(t, { address: "127.0.0.3" });
  const best = await aScriptedSmtp(t, { address: "127.0.0.2", port: backup.port });
  const { send, ends } = await aSending(t, {
    answer: (question, open) =>
      question.kind === "connect" && open >= 1
        ? { kind: "wait", retryAfterMs: 50, reason: "connections" }
        : grant(question),
  });
  send(to(best, "127.0.0.2=10,127.0.0.3=20"), 60);
  await until(() => ends.size === 60, "all to end");
  assert.equal(backup.connections, 0);
});

test("a drain does not wait for a server that has not let us in", async (t) => {
  const server = await aScriptedSmtp(t, { on: { CONNECT: { next: "silence" } } });
  const { send, shaper } = await aSending(t);
  send(to(server), 1);
  await until(() => server.connections === 1, "the connection");
  await shaper.drain(100);
  assert.equal(shaper.sessions, 0);
});

test("while all connections are taken one session at a time asks for leave", async (t) => {
  const server = await aScriptedSmtp(t, { on: { DOT: slowly(5) } });
  const retryAfterMs = 60;
  const asked: { readonly atMs: number; readonly isGranted: boolean }[] = [];
  const { send, ends } = await aSending(t, {
    answer: (question, open) => {
      if (question.kind !== "connect") return grant(question);
      const isGranted = open < 2;
      asked.push({ atMs: performance.now(), isGranted });
      return isGranted ? grant(question) : { kind: "wait", retryAfterMs, reason: "connections" };
    },
  });
  send(to(server), 300);
  await until(() => ends.size === 300, "all to end");
  assert.ok(isSentOnce(server, 300));
  // The first to come through takes the others along, once.
  const first = asked.findIndex(({ isGranted }) => !isGranted);
  const behind = asked.findIndex(
    ({ atMs }, index) => index > first && atMs - (asked[first]?.atMs ?? 0) >= retryAfterMs,
  );
  const later = behind === -1 ? [] : asked.slice(behind);
  const grants = later.filter(({ isGranted }) => isGranted).length;
  const rounds = ((later.at(-1)?.atMs ?? 0) - (later[0]?.atMs ?? 0)) / retryAfterMs;
  // Two ask behind one that was let in.
  assert.ok(later.length - grants <= 2 * grants + rounds + 3, `${later.length} questions, ${grants} granted`);
});

test("each message of a session has its own answer", async (t) => {
  const server = await aScriptedSmtp(t, {
    on: {
      RCPT: (line) => {
        const id = Number(/r(\d+)@/.exec(line)?.[1] ?? 0);
        return [undefined, "450 4.2.1 later", "452 4.2.2 full", "550 5.1.1 no such user"][id % 4];
      },
      DOT: (envelope) => (/r(4|8)@/.test(envelope) ? "554 5.7.1 spam" : undefined),
    },
  });
  const { send, ends } = await aSending(t, { maxSessions: 1 });
  send(to(server), 40);
  await until(() => ends.size === 40, "all to end");
  assert.equal(server.connections, 1);
  assert.deepEqual(kinds(ends), { sent: 10 - 2, failed: 10 + 2, deferred: 20 });
});

for (const [name, answer] of [
  ["closes after some messages", { next: "close" }],
  ["says 421 after some messages", { say: "421 4.7.0 enough for now", next: "close" }],
] as const) {
  test(`a server that ${name} gets the rest over new sessions, each message once`, async (t) => {
    const perConnection = new Map<number, number>();
    const server = await aScriptedSmtp(t, {
      on: {
        MAIL: (_, peer) => {
          const count = (perConnection.get(peer.connection) ?? 0) + 1;
          perConnection.set(peer.connection, count);
          return count > 4 ? answer : undefined;
        },
      },
    });
    const { send, ends } = await aSending(t, { maxSessions: 2 });
    send(to(server), 40);
    await until(() => ends.size === 40, "all to end");
    assert.deepEqual(kinds(ends), { sent: 40 });
    assert.ok(isSentOnce(server, 40));
  });
}

test("a server that breaks at pipelining is asked again without it", async (t) => {
  const server = await aScriptedSmtp(t, {
    on: {
      MAIL: async (_, peer) => {
        // What comes within a moment of MAIL was pipelined.
        const isPipelined = await within(60, peer.peek("RCPT"));
        return isPipelined ? { next: "close" } : undefined;
      },
    },
  });
  const { send, ends } = await aSending(t, { maxSessions: 1 });
  send(to(server), 3);
  await until(() => ends.size === 3, "all to end");
  assert.deepEqual(kinds(ends), { sent: 3 });
});

test("a lost connection is tried three times, then the message is deferred", async (t) => {
  const server = await aScriptedSmtp(t, { on: { RCPT: { next: "close" } } });
  const { send, ends } = await aSending(t, { initialDelayMs: 20 });
  send(to(server), 1);
  await until(() => ends.size === 1, "the end");
  assert.deepEqual(kinds(ends), { deferred: 1 });
  assert.equal(server.connections, 3);
});

test("an unanswered dot leaves one message in doubt, and it is not sent again in this pass", async (t) => {
  const server = await aScriptedSmtp(t, { on: { DOT: { next: "close" } } });
  const { send, ends } = await aSending(t);
  send(to(server), 1);
  await until(() => ends.size === 1, "the end");
  assert.deepEqual(kinds(ends), { in_doubt: 1 });
  assert.equal(server.connections, 1);
});

test("a storm of 421 is met with one probing session at a time, and everything leaves when it is over", async (t) => {
  let mostAtOnce = 0;
  const storm = { say: "421 4.3.2 too busy", next: "close" } as const;
  const server = await aScriptedSmtp(t, { on: { CONNECT: storm } });
  const { send, ends } = await aSending(t, { initialDelayMs: 30 });
  send(to(server), 100);
  const watching = setInterval(() => (mostAtOnce = Math.max(mostAtOnce, server.openConnections)), 1);
  await until(() => server.connections >= 5, "some probes");
  clearInterval(watching);
  assert.ok(server.connections < 15, "probes are few");
  assert.equal(ends.size, 0);
  server.behave({});
  await until(() => ends.size === 100, "all to end");
  assert.ok(mostAtOnce <= 10);
  assert.deepEqual(kinds(ends), { sent: 100 });
  assert.ok(isSentOnce(server, 100));
});

test("silent servers do not hold up the others", async (t) => {
  const silent = await Promise.all(
    ["127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14", "127.0.0.15"].map((address) =>
      aScriptedSmtp(t, { address, on: { CONNECT: { next: "silence" } } }),
    ),
  );
  const server = await aScriptedSmtp(t, { address: "127.0.0.2" });
  const { send, ends, shaper } = await aSending(t, {
    answer: (question) =>
      question.kind === "connect"
        ? { kind: "granted", limits: { ...limits, connectionTimeoutMs: 60_000 } }
        : grant(question),
  });
  for (const one of silent) send(to(one), 10);
  await until(() => silent.every((one) => one.connections === 1), "the silent ones to be met");
  send(to(server), 50);
  await until(() => ends.size === 50, "the others");
  assert.ok(isSentOnce(server, 50));
  assert.equal(shaper.waiting, 50);
  await Promise.all(silent.map((one) => one.close()));
});

test("fifty silent servers do not take all of a child's sessions: the others have everything before one of them is given up", async (t) => {
  const addresses = Array.from({ length: 50 }, (_, index) => `127.0.2.${index + 1}`);
  const silent = await Promise.all(
    addresses.map((address) => aScriptedSmtp(t, { address, on: { CONNECT: { next: "silence" } } })),
  );
  const server = await aScriptedSmtp(t);
  const { send, ends, shaper } = await aSending(t, {
    maxSessions: 30,
    answer: (question) =>
      question.kind === "connect"
        ? { kind: "granted", limits: { ...limits, connectionTimeoutMs: 60_000 } }
        : grant(question),
  });
  for (const one of silent) send(to(one), 100);
  await until(() => silent.filter((one) => one.connections > 0).length === 30, "room to be taken");
  send(to(server), 300);
  await until(() => ends.size === 300, "the others");
  assert.ok(isSentOnce(server, 300));
  assert.ok(
    silent.every((one) => one.connections <= 1),
    "a hundred messages are no reason for ten sessions",
  );
  assert.equal(shaper.waiting, 5_000);
  await Promise.all(silent.map((one) => one.close()));
});

test("a server that greets and sends away at MAIL is met with one session at a time until it takes a message", async (t) => {
  const server = await aScriptedSmtp(t, { on: { MAIL: { say: "421 4.7.0 not now", next: "close" } } });
  const { send, ends } = await aSending(t, { initialDelayMs: 20 });
  send(to(server), 100);
  await until(() => server.connections >= 4, "some probes", { stepMs: 1 });
  server.behave({});
  await until(() => ends.size === 100, "all to end");
  // The first to come through fans out at once: nothing was known against the server then.
  assert.ok(server.connections <= 30, `${server.connections} connections`);
  assert.equal(new Set(server.messages.map(({ to }) => to)).size, server.messages.length);
});

test("a destination that cannot be reached defers its messages at their age, with the reason", async (t) => {
  const port = await aTcpPort();
  const { send, ends } = await aSending(t, { maxAgeMs: 200, initialDelayMs: 50 });
  send(to({ address: "127.0.0.9", port }), 5);
  await until(() => ends.size === 5, "all to end");
  assert.deepEqual(kinds(ends), { deferred: 5 });
  const [end] = ends.values();
  assert.ok(end?.kind === "outcome" && /ECONNREFUSED/.test(end.outcome.text));
});

test("messages that wait in vain for a quota are left as they are", async (t) => {
  const server = await aScriptedSmtp(t);
  const { send, ends } = await aSending(t, {
    maxAgeMs: 200,
    answer: (question) =>
      question.kind === "connect" ? { kind: "wait", retryAfterMs: 60_000, reason: "quota" } : grant(question),
  });
  send(to(server), 5);
  await until(() => ends.size === 5, "all to end");
  assert.deepEqual(kinds(ends), { throttled: 5 });
  assert.equal(server.connections, 0);
});

test("tokens are used up before others are asked for, and what is left goes back", async (t) => {
  const server = await aScriptedSmtp(t);
  let lots = 0;
  let unused = -1;
  const { send, ends } = await aSending(t, {
    maxSessions: 1,
    answer: (question) => {
      if (question.kind === "connect" || question.kind === "tokens") {
        lots += 1;
        return { kind: "granted", tokens: 10, slice: 0, sliceLeftMs: 300_000, limits };
      }
      if (question.kind === "release") unused = question.unused;
      return { kind: "done" };
    },
  });
  send(to(server), 25);
  await until(() => unused >= 0, "the release");
  assert.equal(ends.size, 25);
  assert.deepEqual([lots, unused], [3, 5]);
});

test("nothing is begun while outcomes cannot be kept", async (t) => {
  const server = await aScriptedSmtp(t);
  const { promise: safe, resolve: becomeSafe } = Promise.withResolvers<boolean>();
  const { send, ends } = await aSending(t, { whenSafe: () => safe });
  send(to(server), 5);
  await until(() => server.connections === 1, "a session");
  assert.ok(!server.commands.some((line) => line.startsWith("MAIL")));
  becomeSafe(true);
  await until(() => ends.size === 5, "all to end");
});

test("messages are taken back by their owner, the others leave", async (t) => {
  const server = await aScriptedSmtp(t);
  const { promise: safe, resolve: becomeSafe } = Promise.withResolvers<boolean>();
  const { shaper, send, ends } = await aSending(t, { whenSafe: () => safe });
  const mine = {};
  send(to(server), 5, mine);
  send(to(server), 5);
  assert.equal(shaper.takeBack(mine).length, 5);
  becomeSafe(true);
  await until(() => ends.size === 5, "the others");
  assert.equal(server.messages.length, 5);
});

test("draining lets the message under way come to its end, and begins no other", async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const server = await aScriptedSmtp(t, { on: { DOT: () => released.then(() => undefined) } });
  const { shaper, send, ends } = await aSending(t, { maxSessions: 1 });
  const owner = {};
  send(to(server), 5, owner);
  await until(() => server.commands.includes("DATA"), "a message under way");
  assert.equal(shaper.takeBack(owner).length, 4);
  const draining = shaper.drain(5_000);
  release();
  await draining;
  assert.deepEqual(kinds(ends), { sent: 1 });
  assert.equal(server.messages.length, 1);
  assert.equal(shaper.sessions, 0);
});

test("what is cut at the end of draining is in doubt", async (t) => {
  let isDotThere = false;
  const server = await aScriptedSmtp(t, {
    on: {
      DOT: () => {
        isDotThere = true;
        return { next: "silence" };
      },
    },
  });
  const { shaper, send, ends } = await aSending(t, {
    answer: (question) =>
      question.kind === "connect" ? { kind: "granted", limits: { ...limits, dataTimeoutMs: 60_000 } } : grant(question),
  });
  send(to(server), 1);
  await until(() => isDotThere, "the final dot");
  await shaper.drain(100);
  assert.deepEqual(kinds(ends), { in_doubt: 1 });
});

test("a message that cannot be composed fails alone", async (t) => {
  const server = await aScriptedSmtp(t);
  const { shaper, send, ends } = await aSending(t);
  const { promise, resolve } = Promise.withResolvers<JobEnd>();
  const broken: Job = {
    broadLogId: 0,
    owner: {},
    queuedMs: performance.now(),
    tries: 0,
    mayBegin: () => true,
    leave: () => true,
    stay: () => undefined,
    compose: () => Promise.reject(new Error("a field is missing")),
    end: (end) => Promise.resolve(resolve(end)),
  };
  shaper.add(to(server), ownPool, [broken]);
  send(to(server), 3);
  const end = await promise;
  assert.ok(end.kind === "outcome" && end.outcome.kind === "failed" && /a field is missing/.test(end.outcome.text));
  await until(() => ends.size === 3, "the others");
  assert.deepEqual(kinds(ends), { sent: 3 });
});

test("where CHUNKING is offered a session carries several messages at once, each with its own answer", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: {
      RCPT: (line) => {
        const id = Number(/r(\d+)@/.exec(line)?.[1] ?? 0);
        return [undefined, "450 4.2.1 later", undefined, "550 5.1.1 no such user"][id % 4];
      },
    },
  });
  const { send, ends } = await aSending(t, { maxSessions: 2 });
  send(to(server), 80);
  await until(() => ends.size === 80, "all to end");
  assert.deepEqual(kinds(ends), { sent: 40, failed: 20, deferred: 20 });
  assert.ok(server.commands.some((line) => line.startsWith("BDAT")));
  assert.ok(
    server.commands.filter((line) => line === "DATA").length <= 2 * server.connections,
    "the first of a session",
  );
  assert.ok(isSentOnce(server, 40));
});

test("a server that breaks under several messages at once gets the others one by one, and few are in doubt", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: {
      RCPT: async (_, peer) => {
        // What comes within a moment of RCPT and is another message was sent ahead.
        const isAhead = await within(5, peer.peek("RCPT"));
        return isAhead ? { next: "close" } : undefined;
      },
    },
  });
  const { send, ends } = await aSending(t, { maxSessions: 1, initialDelayMs: 20 });
  send(to(server), 40);
  await until(() => ends.size === 40, "all to end");
  const { sent = 0, in_doubt: inDoubt = 0 } = kinds(ends);
  assert.equal(sent + inDoubt, 40);
  assert.ok(inDoubt <= 8, `${inDoubt} in doubt`);
  assert.ok(server.commands.includes("DATA"));
  assert.equal(new Set(server.messages.map(({ to }) => to)).size, server.messages.length);
});

test("no more messages are under way or waiting for the journal than a session may double", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: chunkingExtensions });
  const { promise: kept, resolve: keep } = Promise.withResolvers<void>();
  const { send, ends } = await aSending(t, { maxSessions: 1, onEnd: () => (ends.size > 20 ? kept : undefined) });
  send(to(server), 60);
  await until(() => ends.size === 28, "the journal to be waited for");
  assert.equal(
    await within(
      100,
      until(() => server.messages.length > 28, "another", { limitMs: 100 }),
    ),
    false,
  );
  keep();
  await until(() => ends.size === 60, "all to end");
  assert.ok(isSentOnce(server, 60));
});

test("behind the dot no content leaves before the outcome of the one before was handed to the journal", async (t) => {
  const server = await aScriptedSmtp(t);
  let left = 0;
  const unrecorded: number[] = [];
  const { send, ends } = await aSending(t, {
    maxSessions: 1,
    onLeave: () => {
      unrecorded.push(left - ends.size);
      left += 1;
    },
  });
  send(to(server), 60);
  await until(() => ends.size === 60, "all to end");
  assert.deepEqual(new Set(unrecorded), new Set([0]));
  assert.ok(server.commands.includes("NOOP"));
  assert.ok(isSentOnce(server, 60));
});

test("another child's twenty questions at once cost one session, not all of them", async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  const server = await aScriptedSmtp(t, { on: { DOT: () => released } });
  const { shaper, send, ends } = await aSending(t, { maxSessions: 5, idleSessionMs: 60_000 });
  send(to(server), 100);
  await until(() => server.commands.filter((line) => line === "DATA").length === 5, "five messages under way");
  for (let asked = 0; asked < 20; asked += 1) shaper.yieldOne({ address: server.address, publicId: 1 });
  release(undefined);
  await until(() => ends.size === 100, "all to end");
  assert.equal(server.openConnections, 4);
});

for (const [name, extensions] of [
  ["by DATA", usualExtensions],
  ["by BDAT", chunkingExtensions],
] as const) {
  test(`sixty sessions ${name} have no more contents on their way than keep a quick server busy`, async (t) => {
    let answered = 0;
    let isHolding = true;
    const held: (() => void)[] = [];
    const hold = (): Promise<undefined> | undefined => {
      answered += 1;
      if (answered <= 600 || !isHolding) return undefined;
      return new Promise((resolve) => held.push(() => resolve(undefined)));
    };
    const server = await aScriptedSmtp(t, { extensions, on: { DOT: hold } });
    const patiently = (question: Question): Answer =>
      question.kind === "connect"
        ? { kind: "granted", limits: { ...limits, dataTimeoutMs: 60_000, otherTimeoutMs: 60_000 } }
        : grant(question);
    let left = 0;
    let most = 0;
    const onWay = (): number => left - ends.size;
    const onLeave = (): void => {
      left += 1;
      if (held.length > 0) most = Math.max(most, onWay());
    };
    const { send, ends, windows } = await aSending(t, { maxSessions: 60, onLeave, answer: patiently });
    send(to(server), 2_000);
    await until(() => held.length > 0, "answers to be held");
    const { size } = windows.of(`${server.address} ${server.port}`);
    // On a machine that is overloaded the quickest answer was slow: then there are places for all.
    await until(() => onWay() >= Math.min(size, 60), "the places to be taken");
    assert.ok(Math.max(most, onWay()) <= size, `${most} contents on their way, in a window of ${size}`);
    isHolding = false;
    for (const release of held) release();
    await until(() => ends.size === 2_000, "all to end");
    assert.ok(isSentOnce(server, 2_000));
  });
}

/** Grants so many connections at the same time. */
function atMost(connections: number): NonNullable<Given["answer"]> {
  return (question, open) =>
    question.kind === "connect" && open >= connections
      ? { kind: "wait", retryAfterMs: 20, reason: "connections" }
      : grant(question);
}

test("two destinations of one exchanger do not keep its connections from each other while they only wait", async (t) => {
  const server = await aScriptedSmtp(t);
  const { send, ends, mostOpen } = await aSending(t, { idleSessionMs: 60_000, answer: atMost(2) });
  send(to(server), 40);
  await until(() => ends.size === 40, "the first to end");
  send(to(server, `${server.address}=20`), 40);
  await until(() => ends.size === 80, "the others to end");
  assert.equal(mostOpen(), 2);
  assert.ok(isSentOnce(server, 80));
});

test("a destination that is busy with every connection to an exchanger gives some to another one", async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  const server = await aScriptedSmtp(t, { on: { DOT: () => released } });
  const { send, ends, mostOpen } = await aSending(t, { idleSessionMs: 60_000, answer: atMost(4) });
  send(to(server), 2_000);
  await until(() => server.commands.filter((line) => line === "DATA").length === 4, "four messages under way");
  send(to(server, `${server.address}=20`), 20);
  release(undefined);
  await until(() => Array.from({ length: 20 }, (_, index) => ends.has(2_001 + index)).every(Boolean), "the others");
  assert.ok(ends.size < 2_020, "they did not have to wait for all of the first");
  await until(() => ends.size === 2_020, "all to end");
  assert.equal(mostOpen(), 4);
});

for (const [name, extensions] of [
  ["behind the dot", usualExtensions],
  ["by BDAT", chunkingExtensions],
] as const) {
  test(`${name} signatures may be ready in any order`, async (t) => {
    const server = await aScriptedSmtp(t, { extensions });
    const { send, ends } = await aSending(t, { maxSessions: 2, composeMs: (id) => (id * 7) % 5 });
    send(to(server), 100);
    await until(() => ends.size === 100, "all to end");
    assert.deepEqual(kinds(ends), { sent: 100 });
    assert.ok(isSentOnce(server, 100));
  });
}

const twoAddresses = poolOf([
  { address: "127.0.0.61", publicId: 61, heloName: "one.example.test", weight: 1 },
  { address: "127.0.0.62", publicId: 62, heloName: "two.example.test", weight: 1 },
]);
const sentFrom = (server: ScriptedSmtp, source: string): number =>
  server.messages.filter((message) => message.source === source).length;

test("messages leave from each of our addresses by its weight, with its own name and number", async (t) => {
  const server = await aScriptedSmtp(t);
  const ids = new Set<number>();
  const { send, ends } = await aSending(t, {
    pool: twoAddresses,
    answer: (question) => {
      if (question.kind === "connect") ids.add(question.path.publicId);
      return grant(question);
    },
  });
  send(to(server), 200);
  await until(() => ends.size === 200, "all to end");
  assert.deepEqual([sentFrom(server, "127.0.0.61"), sentFrom(server, "127.0.0.62")], [100, 100]);
  assert.deepEqual(ids, new Set([61, 62]));
  const names = new Set(server.commands.filter((line) => line.startsWith("EHLO")));
  assert.deepEqual([...names].sort(), ["EHLO one.example.test", "EHLO two.example.test"]);
});

test("what waits for an address whose quota is met leaves from another one", async (t) => {
  const server = await aScriptedSmtp(t);
  const { send, ends } = await aSending(t, {
    pool: twoAddresses,
    answer: (question) =>
      question.kind === "connect" && question.path.publicId === 61
        ? { kind: "wait", retryAfterMs: 60_000, reason: "quota" }
        : grant(question),
  });
  send(to(server), 100);
  await until(() => ends.size === 100, "all to end");
  assert.deepEqual(kinds(ends), { sent: 100 });
  assert.equal(sentFrom(server, "127.0.0.62"), 100);
});

test("an address that is not ours leaves its messages to the others", async (t) => {
  const server = await aScriptedSmtp(t);
  const foreign = { address: "192.0.2.77", publicId: 77, heloName: "far.example.test", weight: 5 };
  const { send, ends } = await aSending(t, { pool: poolOf([foreign, ...twoAddresses.sources]) });
  send(to(server), 100);
  await until(() => ends.size === 100, "all to end");
  assert.deepEqual(kinds(ends), { sent: 100 });
});

test("an address of one family does not try those of the other", async (t) => {
  const server = await aScriptedSmtp(t);
  const six = { address: "::1", publicId: 66, heloName: "six.example.test", weight: 5 };
  const { send, ends } = await aSending(t, { pool: poolOf([six, ...twoAddresses.sources]) });
  send(to(server), 60);
  await until(() => ends.size === 60, "all to end");
  assert.deepEqual(kinds(ends), { sent: 60 });
});

test("messages stay with the address that they are shared out to while stat grants nothing, to whoever asks it", async (t) => {
  for (const reason of ["starting", "database"] as const) {
    const server = await aScriptedSmtp(t);
    const beganMs = performance.now();
    const { send, ends } = await aSending(t, {
      pool: twoAddresses,
      // Longer than the shaper needs to see that an address gets nothing through.
      answer: (question) =>
        question.kind === "connect" && question.path.publicId === 61 && performance.now() - beganMs < 1_500
          ? { kind: "wait", retryAfterMs: 2_000, reason }
          : grant(question),
    });
    send(to(server), 40);
    await until(() => ends.size === 40, "all to end");
    assert.deepEqual([sentFrom(server, "127.0.0.61"), sentFrom(server, "127.0.0.62")], [20, 20]);
  }
});
