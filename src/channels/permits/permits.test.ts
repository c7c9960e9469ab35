import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";

import { aUdpPort } from "#test/support/free-ports.ts";
import { aPermitServer } from "#test/support/permit-server.ts";
import { until } from "#test/support/until.ts";

import type { Ending } from "#test/support/endings.ts";
import { listPaths } from "./list-paths.ts";
import { writeDatagram } from "./permit-datagrams.ts";
import {
  type Answer,
  connectionLeaseMs,
  longestDatagramBytes,
  type PathReport,
  type Question,
  sliceMs,
} from "./permit-messages.ts";
import { openPermits, type PermitOptions, type Permits } from "./permits.ts";
import type { PermitServer } from "./serve-permits.ts";

const key = randomBytes(32);
const signingKey = createSecretKey(key);
const path = { host: "mx.example.test", address: "192.0.2.1", publicId: 1 };
const never = new AbortController().signal;

type Heard = { readonly client: string; readonly question: Question };

async function aServer(
  t: Ending,
  port = 0,
  answer: (question: Question) => Answer = grantAll,
): Promise<PermitServer & { heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = await aPermitServer(t, {
    port,
    key,
    answer: (question, client) => {
      heard.push({ client, question });
      return answer(question);
    },
  });
  return Object.assign(server, { heard });
}

function grantAll(question: Question): Answer {
  if (question.kind === "connect" || question.kind === "tokens")
    return { kind: "granted", tokens: 10, slice: 100, sliceLeftMs: sliceMs };
  return { kind: "done" };
}

function aClient(t: Ending, port: number, given: Partial<PermitOptions> = {}): Permits {
  const permits = openPermits({
    address: "127.0.0.1",
    port,
    key,
    client: "host:1:a",
    elapsedMs: () => performance.now(),
    ...given,
  });
  t.after(() => permits.close(0));
  return permits;
}

/** Stands between a sender and its server, and keeps what the sender says. */
async function aRecorder(t: Ending, serverPort: number): Promise<{ recorded: Buffer[]; port: number }> {
  const recorded: Buffer[] = [];
  const relay = createSocket("udp4");
  let clientPort = 0;
  relay.on("message", (datagram, from) => {
    if (from.port === serverPort) return relay.send(datagram, clientPort, "127.0.0.1");
    clientPort = from.port;
    recorded.push(datagram);
    return relay.send(datagram, serverPort, "127.0.0.1");
  });
  relay.bind(0, "127.0.0.1");
  await once(relay, "listening");
  t.after(() => void relay.close());
  return { recorded, port: relay.address().port };
}

const kinds = (heard: readonly Heard[]): string[] => heard.map(({ question }) => question.kind);

test("a sender introduces itself with a report, then asks and gives back", async (t) => {
  const server = await aServer(t);
  const permits = aClient(t, server.port);
  const first = await permits.connect(path, never);
  assert.ok(first?.kind === "granted");
  assert.equal(first.lot?.left, 10);
  const second = await permits.askTokens(path, 5, never);
  assert.ok(second?.kind === "granted" && second.lot !== undefined);
  for (let message = 0; message < 7; message += 1) assert.equal(permits.take(second.lot), true);
  permits.release(path, second.lot);
  await until(() => server.heard.length === 4, "the release");
  assert.deepEqual(kinds(server.heard), ["report", "connect", "tokens", "release"]);
  assert.deepEqual(server.heard.at(-1)?.question, { kind: "release", path, unused: 3, slice: 100 });
});

test("a restarted server hears first what is held, and a release that meets it is not counted twice", async (t) => {
  const port = await aUdpPort();
  const first = await aServer(t, port);
  const permits = aClient(t, port);
  await permits.connect(path, never);
  const grant = await permits.connect(path, never);
  assert.ok(grant?.kind === "granted" && grant.lot !== undefined);
  for (let message = 0; message < 6; message += 1) permits.take(grant.lot);
  await first.close();
  const second = await aServer(t, port);
  permits.release(path, grant.lot);
  await until(() => second.heard.length > 0, "the report");
  assert.deepEqual(firstReport(second.heard), [
    { path, openConnections: 1, spent: [[100, 16]], outstanding: [[100, 16]] },
  ]);
  await permits.connect(path, never);
  assert.deepEqual(kinds(second.heard).slice(0, 2), ["report", "connect"]);
});

test("a restarted server is found by a sender that asks nothing, as long as it holds something", async (t) => {
  const port = await aUdpPort();
  const first = await aServer(t, port);
  const permits = aClient(t, port);
  await permits.connect(path, never);
  await first.close();
  const second = await aServer(t, port);
  await until(() => firstReport(second.heard).length === 1, "the report");
  const idle = aClient(t, port, { client: "host:2:b" });
  assert.ok(idle);
  assert.equal(
    second.heard.some(({ client }) => client === "host:2:b"),
    false,
  );
});

test("tokens of a slice that is over are not used, and go back", async (t) => {
  let nowMs = 0;
  const server = await aServer(t);
  const permits = aClient(t, server.port, { elapsedMs: () => nowMs });
  const grant = await permits.connect(path, never);
  assert.ok(grant?.kind === "granted" && grant.lot !== undefined);
  permits.take(grant.lot);
  permits.take(grant.lot);
  permits.endMessage(grant.lot);
  nowMs = sliceMs + 1;
  permits.endMessage(grant.lot);
  assert.equal(permits.leftOf(grant.lot), 0);
  assert.equal(permits.take(grant.lot), false);
  await until(() => kinds(server.heard).includes("news"), "the news");
  const asked = server.heard.map(({ question }) => question);
  assert.deepEqual(
    asked.find(({ kind }) => kind === "refund"),
    { kind: "refund", path, unused: 8, slice: 100 },
  );
  const news = asked.find(({ kind }) => kind === "news");
  assert.ok(news?.kind === "news");
  assert.deepEqual(news.paths, [{ path, counts: {}, ended: [[100, 1, 1]] }]);
});

test("connections are kept while the server says that it grants, over a restart of it too, and no longer", async (t) => {
  const port = await aUdpPort();
  let nowMs = 0;
  let isPaused = false;
  const yielded: string[] = [];
  const serve = (): ReturnType<typeof aPermitServer> =>
    aPermitServer(t, { port, key, answer: grantAll, isPaused: () => isPaused });
  const first = await serve();
  const permits = aClient(t, port, {
    elapsedMs: () => nowMs,
    onYield: ({ address }) => yielded.push(address),
  });
  /** Each answer is a word, from the moment of its question. */
  const ask = (): ReturnType<Permits["reload"]> => permits.reload(never);
  await permits.connect(path, never);
  for (let asked = 0; asked < 4; asked += 1) {
    nowMs += connectionLeaseMs - 1;
    await ask();
    assert.equal(permits.isLeaseOver, false);
  }
  await first.close();
  nowMs += connectionLeaseMs - 1;
  const second = await serve();
  await ask();
  assert.equal(permits.isLeaseOver, false);

  isPaused = true;
  nowMs += connectionLeaseMs;
  await until(() => yielded.length > 0, "it to be over");
  await ask();
  assert.deepEqual([permits.isLeaseOver, yielded[0]], [true, path.address]);
  assert.equal(await permits.askTokens(path, 1, never), undefined, "tokens are not waited for");
  isPaused = false;
  await until(async () => (await ask()) && !permits.isLeaseOver, "the word of a server that grants");
  await second.close();
  nowMs += connectionLeaseMs;
  await until(() => permits.isLeaseOver, "it to be over without a server");
  await serve();
  await until(async () => (await ask()) && !permits.isLeaseOver, "the word of the next one");
});

test("what servers did is told once a second, and at once when they ask for less", async (t) => {
  const server = await aServer(t);
  const permits = aClient(t, server.port, {
    describeWaits: () => [{ destination: "example.test", messages: 7, reason: "quota", sinceMs: 5, forMs: 6 }],
  });
  await permits.connect(path, never);
  permits.count(path, { connections: 1 });
  permits.count(path, { accepted: 1 });
  permits.count(path, { accepted: 1 });
  permits.count(path, { throttled: 1 });
  await until(() => kinds(server.heard).includes("news"), "the news", { limitMs: 900 });
  const news = server.heard.at(-1)?.question;
  assert.ok(news?.kind === "news");
  assert.deepEqual(news.paths, [{ path, counts: { connections: 1, accepted: 2, throttled: 1 }, ended: [] }]);
  assert.equal(news.waiting?.[0]?.messages, 7);
});

test("a report of our own accord waits for what is under way, so that nothing counts twice or not at all", async (t) => {
  const server = await aServer(t);
  const permits = aClient(t, server.port, { reportEveryMs: 5 });
  const open: ReturnType<typeof permits.connect>[] = [];
  for (let index = 0; index < 200; index += 1) {
    open.push(permits.connect(path, never));
    if (index % 3 === 0)
      void open.shift()?.then((grant) => grant?.kind === "granted" && permits.release(path, grant.lot));
    await new Promise((resolve) => setImmediate(resolve));
    await until(() => server.heard.length >= index, "the questions before");
  }
  await Promise.all(open);
  await until(() => kinds(server.heard).at(-1) === "report", "a last report");
  // What the server counts from questions, and what the sender says: the same at each report.
  let held = 0;
  let reports = 0;
  for (const { question } of server.heard) {
    if (question.kind === "connect") held += 1;
    if (question.kind === "release") held -= 1;
    if (question.kind !== "report" || !question.isLast) continue;
    reports += 1;
    assert.equal(question.paths[0]?.openConnections ?? 0, held);
  }
  assert.ok(reports > 5);
});

test("a list longer than a datagram is read page by page", async (t) => {
  const all = Array.from({ length: 95 }, (_, index) => String(index).padStart(3, "0"));
  const server = await aServer(t, 0, (question) => {
    if (question.kind !== "show") return { kind: "done" };
    const from = all.findIndex((key) => key > question.after);
    const paths = all.slice(from, from + 10).map((key) => ({
      key,
      path,
      rule: { id: 1, mask: "*" },
      openConnections: 0,
      maxConnections: 1,
      slice: { spent: 0, setAside: 0, limit: 0 },
      hour: { spent: 0, setAside: 0, limit: 0 },
      tokensHeld: 0,
      sliceLeftMs: 0,
      waiting: [],
    }));
    const overview = {
      rules: 1,
      senders: 1,
      paths: 1,
      openConnections: 1,
      refused: 0,
      upMs: 1,
      startingForMs: 0,
      pausedForMs: 0,
    };
    return { kind: "shown", overview, paths, isLast: paths.at(-1)?.key === all.at(-1) };
  });
  const shown = await listPaths(aClient(t, server.port), never);
  assert.deepEqual(
    shown?.paths.map(({ key }) => key),
    all,
  );
});

test("senders wait for a server that is away, say so once, and go on when it is there", async (t) => {
  const port = await aUdpPort();
  const told: boolean[] = [];
  const permits = aClient(t, port, { onReachable: (isReachable) => told.push(isReachable) });
  const asking = permits.connect(path, never);
  await until(() => told.length > 0, "the server to be missed");
  await aServer(t, port);
  assert.equal((await asking)?.kind, "granted");
  assert.deepEqual(told, [false, true]);
});

test("senders of another instance are served with the shared key, and nobody without one of the keys", async (t) => {
  const own = randomBytes(32);
  const heard: string[] = [];
  const server = await aPermitServer(t, {
    key: own,
    otherKeys: [key],
    answer: (question, client) => {
      heard.push(client);
      return grantAll(question);
    },
  });
  for (const [client, given] of [
    ["a", own],
    ["b", key],
  ] as const)
    assert.equal((await aClient(t, server.port, { client, key: given }).connect(path, never))?.kind, "granted");
  const stranger = aClient(t, server.port, { client: "c", key: randomBytes(32) });
  const impostor = aClient(t, server.port, { client: "a" });
  const stopping = new AbortController();
  const asking = [stranger.connect(path, stopping.signal), impostor.connect(path, stopping.signal)];
  await until(() => server.refused >= 2, "both to be refused");
  stopping.abort();
  assert.deepEqual(await Promise.all(asking), [undefined, undefined]);
  assert.deepEqual([...new Set(heard)], ["a", "b"]);
});

test("a recorded question is answered neither to another place, nor by more than it was long", async (t) => {
  const server = await aServer(t);
  const answers: Buffer[] = [];
  const { recorded, port } = await aRecorder(t, server.port);
  const permits = aClient(t, port);
  await permits.connect(path, never);
  await permits.show("", AbortSignal.timeout(300));
  const count = server.heard.length;
  const thief = createSocket("udp4");
  t.after(() => void thief.close());
  thief.on("message", (datagram) => answers.push(datagram));
  thief.bind(0, "127.0.0.1");
  await once(thief, "listening");
  for (const datagram of recorded) thief.send(datagram, server.port, "127.0.0.1");
  // The first one names no session yet: it is told to report, in fewer bytes.
  await until(() => answers.length > 0, "the answer");
  await permits.askTokens(path, 1, never);
  assert.equal(server.heard.length, count + 1);
  for (const answer of answers) assert.ok(recorded.some((datagram) => answer.length <= datagram.length));
});

test("after a sender was given up, its recorded questions are not carried out", async (t) => {
  let nowMs = 0;
  const heard: string[] = [];
  const lost: string[] = [];
  const server = await aPermitServer(t, {
    key,
    elapsedMs: () => nowMs,
    clientTimeoutMs: 40,
    answer: (question) => {
      heard.push(question.kind);
      return grantAll(question);
    },
    onClientLost: (client) => lost.push(client),
  });
  const { recorded, port } = await aRecorder(t, server.port);
  const permits = aClient(t, port);
  await permits.connect(path, never);
  nowMs = 1_000;
  await until(() => lost.length === 1, "the sender to be given up");
  const count = heard.length;
  let answers = 0;
  const thief = createSocket("udp4");
  t.after(() => void thief.close());
  thief.on("message", () => (answers += 1));
  for (const datagram of recorded) thief.send(datagram, server.port, "127.0.0.1");
  await until(() => answers === recorded.length, "every answer");
  assert.equal(heard.length, count);
});

test("who is told to stop while it waits gets no answer", async (t) => {
  const permits = aClient(t, await aUdpPort());
  const stopping = new AbortController();
  const asking = permits.connect(path, stopping.signal);
  stopping.abort();
  assert.equal(await asking, undefined);
});

test("questions repeated because the answer was lost are carried out once", async (t) => {
  const server = await aServer(t);
  const permits = aClient(t, server.port);
  await permits.connect(path, never);
  // A relay that loses the first answer of each question, and passes on every other datagram.
  const relay = createSocket("udp4");
  const seen = new Set<string>();
  const clientPorts = new Set<number>();
  relay.on("message", (datagram, from) => {
    if (from.port !== server.port) {
      clientPorts.add(from.port);
      relay.send(datagram, server.port, "127.0.0.1");
      return;
    }
    const text = datagram.toString("latin1");
    if (seen.has(text)) for (const port of clientPorts) relay.send(datagram, port, "127.0.0.1");
    seen.add(text);
  });
  relay.bind(0, "127.0.0.1");
  await once(relay, "listening");
  t.after(() => void relay.close());
  const unlucky = aClient(t, relay.address().port, { client: "host:2:b" });
  assert.equal((await unlucky.connect(path, never))?.kind, "granted");
  assert.deepEqual(kinds(server.heard.filter(({ client }) => client === "host:2:b")), ["report", "connect"]);
});

test("a question with another key, cut, or of noise is refused and answered by nothing", async (t) => {
  const server = await aServer(t);
  const good = writeDatagram(signingKey, {
    client: "host:1:a",
    sequence: 1,
    epoch: 0,
    question: { kind: "connect", path },
  });
  const socket = createSocket("udp4");
  t.after(() => void socket.close());
  let answers = 0;
  socket.on("message", () => (answers += 1));
  const forged = writeDatagram(createSecretKey(randomBytes(32)), {
    client: "host:1:a",
    sequence: 1,
    epoch: 0,
    question: { kind: "connect", path },
  });
  const flipped = Buffer.from(good);
  flipped.writeUInt8((flipped.at(-5) ?? 0) ^ 1, flipped.length - 5);
  const bad = [
    forged,
    flipped,
    good.subarray(0, 30),
    Buffer.alloc(0),
    randomBytes(200),
    Buffer.alloc(longestDatagramBytes + 10, 0x41),
  ];
  for (const datagram of bad) socket.send(datagram, server.port, "127.0.0.1");
  await until(() => server.refused === bad.length, "all to be refused");
  socket.send(good, server.port, "127.0.0.1");
  await until(() => answers === 1, "the good one to be answered");
  assert.equal(server.heard.length, 0);
});

test("a question recorded before a restart is not carried out after it", async (t) => {
  const server = await aServer(t);
  const socket = createSocket("udp4");
  t.after(() => void socket.close());
  const answers: string[] = [];
  socket.on("message", (datagram) => answers.push(datagram.subarray(20).toString()));
  socket.send(
    writeDatagram(signingKey, {
      client: "host:1:a",
      sequence: 7,
      epoch: 12_345,
      question: { kind: "forget", client: "host" },
    }),
    server.port,
    "127.0.0.1",
  );
  await until(() => answers.length === 1, "the answer");
  assert.match(answers[0] ?? "", /report_first/);
  assert.equal(server.heard.length, 0);
});

test("a report of hundreds of paths goes in several datagrams, the last one marked", async (t) => {
  const server = await aServer(t);
  const permits = aClient(t, server.port, { reportEveryMs: 100 });
  for (let index = 0; index < 150; index += 1) {
    await permits.connect(
      { ...path, address: `192.0.2.${index}`, host: `a-rather-long-name-of-a-mail-exchanger-${index}.example.test` },
      never,
    );
  }
  const isWhole = (): boolean => {
    const reports = server.heard.flatMap(({ question }) => (question.kind === "report" ? [question] : []));
    const last = reports.findLast((report) => report.isLast);
    const lots = reports.filter((report) => report.number === last?.number);
    return lots.length > 1 && lots.reduce((sum, report) => sum + report.paths.length, 0) === 150;
  };
  await until(isWhole, "a whole report");
});

test("the server asks a sender that has most to give a connection of a path back", async (t) => {
  const server = await aServer(t);
  const asked: string[] = [];
  const permits = aClient(t, server.port, { onYield: (wanted) => asked.push(wanted.address) });
  await permits.connect(path, never);
  server.notify("host:9:nobody", { kind: "yield", path });
  server.notify("host:1:a", { kind: "yield", path });
  await until(() => asked.length > 0, "the wish");
  assert.deepEqual(asked, [path.address]);
});

function firstReport(heard: readonly Heard[]): readonly PathReport[] {
  const report = heard.find(({ question }) => question.kind === "report")?.question;
  return report?.kind === "report" ? report.paths : [];
}
