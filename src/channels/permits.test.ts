import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";

import { aUdpPort } from "#test/support/free-ports.ts";
import { until } from "#test/support/until.ts";

import type { Ending } from "#test/support/endings.ts";
import { type Answer, longestDatagramBytes, type Question, writeDatagram } from "./permit-messages.ts";
import { openPermits, type PermitOptions, type Permits } from "./permits.ts";
import { type PermitServer, servePermits } from "./serve-permits.ts";

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
  const server = await servePermits({
    address: "127.0.0.1",
    port,
    key,
    elapsedMs: () => performance.now(),
    clientTimeoutMs: 60_000,
    carryOut: (client, question) => {
      heard.push({ client, question });
      return answer(question);
    },
    onClientLost: () => undefined,
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await server.close();
  };
  t.after(close);
  return {
    heard,
    port: server.port,
    notify: (client, notice) => server.notify(client, notice),
    get refused() {
      return server.refused;
    },
    close,
  };
}

function grantAll(question: Question): Answer {
  if (question.kind === "connect" || question.kind === "tokens") return { kind: "granted", tokens: 10 };
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

const kinds = (heard: readonly Heard[]): string[] => heard.map(({ question }) => question.kind);

test("a sender introduces itself with a report, then asks and gives back", async (t) => {
  const server = await aServer(t);
  const permits = aClient(t, server.port);
  assert.deepEqual(await permits.connect(path, never), { kind: "granted", tokens: 10 });
  assert.deepEqual(await permits.askTokens(path, 5, never), { kind: "granted", tokens: 10 });
  permits.release(path, 3);
  await until(() => server.heard.length === 4, "the release");
  assert.deepEqual(kinds(server.heard), ["report", "connect", "tokens", "release"]);
});

test("a restarted server hears first what is held, and a release that meets it is not counted twice", async (t) => {
  const port = await aUdpPort();
  const first = await aServer(t, port);
  const permits = aClient(t, port);
  await permits.connect(path, never);
  await permits.connect(path, never);
  await first.close();
  const second = await aServer(t, port);
  permits.release(path, 4);
  await until(() => second.heard.length > 0, "the report");
  const report = second.heard[0]?.question;
  assert.ok(report?.kind === "report");
  assert.equal(report.paths[0]?.openConnections, 1);
  assert.equal(report.paths[0]?.spent[0], 16);
  await permits.connect(path, never);
  assert.deepEqual(kinds(second.heard), ["report", "connect"]);
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
