/** The way to syslogd: what leaves a process, what survives syslogd's absence, and that nothing a program logs can break it. */

import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";

import { createLog } from "#foundation/log.ts";
import { until } from "#test/support/until.ts";

import { parseLogDatagram } from "./log-datagram.ts";
import { openLogTransport } from "./logs.ts";

type Receiver = {
  readonly lines: ReturnType<typeof parseLogDatagram>[];
  readonly port: number;
  close(): Promise<void>;
};

async function aReceiver(t: TestContext, port = 0): Promise<Receiver> {
  const socket: Socket = createSocket("udp4");
  const lines: ReturnType<typeof parseLogDatagram>[] = [];
  socket.on("message", (datagram) => lines.push(parseLogDatagram(datagram)));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    socket.close();
    await once(socket, "close");
  };
  t.after(close);
  return { lines, port: socket.address().port, close };
}

const home = { root: "/nowhere", conf: "/nowhere", var: "/nowhere", runtime: "/nowhere" };

function aTransport(
  t: TestContext,
  port: number,
  options: { traceFile?: string; address?: string } = {},
): ReturnType<typeof openLogTransport> {
  const transport = openLogTransport({
    address: options.address ?? "127.0.0.1",
    port,
    home,
    module: "mta",
    instance: "main",
    traceFile: options.traceFile,
    console: false,
  });
  t.after(() => transport.close());
  return transport;
}

const everything = { isVerbose: true, types: new Set(["smtp"] as const) };

test("a line arrives with its module, instance, level, type and number", async (t) => {
  const receiver = await aReceiver(t);
  const log = createLog(aTransport(t, receiver.port), everything);
  log.warning("mta.part_late", { partId: 7, why: 'slow "peer"' });
  log.trace("smtp", "smtp.reply", { text: "250 ok" });
  await until(() => receiver.lines.length === 2, "two lines");
  const [first, second] = receiver.lines;
  assert.ok(first?.kind === "module" && second?.kind === "module");
  assert.equal(first.message, String.raw`mta.part_late partId=7 why="slow \"peer\""`);
  assert.deepEqual(
    [first.module, first.instance, first.level, first.type, first.sequence],
    ["mta", "main", "warning", "log", 1],
  );
  assert.deepEqual([second.level, second.type, second.sequence, second.pid], ["verbose", "smtp", 2, process.pid]);
});

test("lines written while syslogd is away arrive when it is back, in order, with a line that says how long it was away", async (t) => {
  const before = await aReceiver(t);
  const log = createLog(aTransport(t, before.port), everything);
  log.info("test.line", { n: 0 });
  await until(() => before.lines.length === 1, "the first line");
  await before.close();
  for (let n = 1; n <= 50; n += 1) log.info("test.line", { n });
  const after = await aReceiver(t, before.port);
  await until(() => after.lines.length === 51, "the lines that waited and the notice");
  const messages = after.lines.map((line) => line.message);
  assert.deepEqual(
    messages.slice(0, 50),
    Array.from({ length: 50 }, (_, index) => `test.line n=${index + 1}`),
  );
  assert.match(messages[50] ?? "", /^log\.syslogd_was_away awayMs=\d+ droppedLines=0$/);
});

test("memory is bounded while syslogd is away: the oldest lines are dropped and counted", async (t) => {
  const before = await aReceiver(t);
  const log = createLog(aTransport(t, before.port), everything);
  await before.close();
  const text = "x".repeat(4_000);
  for (let n = 1; n <= 1_000; n += 1) log.info("test.line", { n, text });
  const after = await aReceiver(t, before.port);
  await until(() => after.lines.some((line) => line.message.startsWith("log.syslogd_was_away")), "the notice");
  const notice = after.lines.find((line) => line.message.startsWith("log.syslogd_was_away"))?.message ?? "";
  const dropped = Number(/droppedLines=(\d+)/.exec(notice)?.[1]);
  const arrived = after.lines.filter((line) => line.message.startsWith("test.line")).length;
  assert.ok(dropped > 600, notice);
  assert.equal(dropped + arrived, 1_000);
});

test("a line longer than 8 KiB is cut between two characters and says so", async (t) => {
  const receiver = await aReceiver(t);
  const log = createLog(aTransport(t, receiver.port), everything);
  for (let shift = 0; shift < 4; shift += 1)
    log.info("test.long", { text: "x".repeat(shift) + "é漢😀".repeat(20_000) });
  await until(() => receiver.lines.length === 4, "four lines");
  for (const line of receiver.lines) {
    assert.match(line.message, /^test\.long text=x*[é漢😀]+ \[cut, \d{6} bytes in all\]$/u);
    assert.ok(Buffer.byteLength(line.message) > 7_900);
  }
});

test("nothing that is logged makes the sender fail", async (t) => {
  const receiver = await aReceiver(t);
  const log = createLog(aTransport(t, receiver.port), everything);
  log.info("test.bad_date", { at: new Date(Number.NaN) });
  log.info("test.controls", { text: "a\r\nb\u001b[31mc\u0000\u202e\ud800" });
  log.info("test." + "y".repeat(100), { 'na"me]': "va]l\\ue" });
  await until(() => receiver.lines.length === 3, "three lines");
  const messages = receiver.lines.map((line) => line.message);
  assert.equal(messages[0], "test.bad_date");
  assert.doesNotMatch(messages.join(""), /[\p{Cc}\u202e]/u);
  assert.ok(receiver.lines.every((line) => line.kind === "module"));
});

test("an address that cannot be resolved and a port that is not known do no harm", async (t) => {
  for (const [port, address] of [
    [6, "no-such-host.invalid"],
    [0, "127.0.0.1"],
  ] as const) {
    const transport = aTransport(t, port, { address });
    createLog(transport, everything).info("test.line");
    await transport.close();
    await transport.close();
  }
});

test("a trace file is named in the line, with its instance, and its name is checked", async (t) => {
  const receiver = await aReceiver(t);
  createLog(aTransport(t, receiver.port, { traceFile: "night-run@other" }), everything).info("test.line");
  await until(() => receiver.lines.length === 1, "a line");
  const line = receiver.lines[0];
  assert.ok(line?.kind === "module");
  assert.deepEqual([line.traceFile, line.instance], ["night-run", "other"]);
  for (const traceFile of ["../x", "a/b", "", "a.b", ".hidden", "web_2", "x@../y", "x@", "x".repeat(61), "a\0"]) {
    assert.throws(() => aTransport(t, receiver.port, { traceFile }), { code: "LOG-100001" }, traceFile);
  }
});
