/** syslogd with real sockets and files, in this process and in one of its own. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setInterval } from "node:timers/promises";

import { openLogTransport } from "#channels/logs/logs.ts";
import type { Home } from "#foundation/home.ts";
import { createLog, type Log } from "#foundation/log.ts";
import { aHome } from "#test/support/context.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { aHostContext } from "#test/support/host-context.ts";
import { startModule } from "#test/support/module-process.ts";
import { until } from "#test/support/until.ts";
import { stretched } from "#test/support/slowness.ts";

import { syslogd } from "./main.ts";

type Ending = Pick<TestContext, "after">;
const loopback = "127.0.0.1";

async function aSyslogd(t: Ending, settings = ""): Promise<{ home: Home; port: number; stop(): Promise<void> }> {
  const port = await aUdpPort();
  const home = aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const running = await syslogd.start(aHostContext(t, { home, settings: `[syslogd]\nport = ${port}\n${settings}` }));
  t.after(() => running.stop());
  return { home, port, stop: () => running.stop() };
}

function aLog(
  t: Ending,
  home: Home,
  port: number,
  sender: { module?: string; instance?: string; traceFile?: string } = {},
): Log {
  const transport = openLogTransport({
    address: loopback,
    port,
    home,
    module: sender.module ?? "mta",
    instance: sender.instance ?? "main",
    traceFile: sender.traceFile,
    console: false,
  });
  t.after(() => transport.close());
  return createLog(transport, { isVerbose: true, types: new Set() });
}

function readLines(home: Home, path: string): string[] {
  const file = join(home.var, path);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

async function aSender(t: Ending, port: number): Promise<(datagram: Buffer | string) => Promise<void>> {
  const socket: Socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.connect(port, loopback, resolve));
  t.after(() => void socket.close());
  return (datagram) =>
    new Promise((resolve, reject) => socket.send(datagram, (error) => (error === null ? resolve() : reject(error))));
}

test("a module's lines land in its instance's folder, a trace file in its own, a logon in the day's file too", async (t) => {
  const { home, port } = await aSyslogd(t);
  aLog(t, home, port).warning("mta.part_late", { partId: 7 });
  aLog(t, home, port, { traceFile: "night" }).info("mta.traced");
  aLog(t, home, port, { module: "web", instance: "default" }).info("session.logon", {
    login: "admin",
    address: "10.0.0.1",
  });
  const day = new Date().toISOString().slice(2, 10);
  await until(() => readLines(home, `default/log/logins.${day}.log`).length === 1, "the logon");
  await until(() => readLines(home, "main/log/night.log").length === 1, "the trace");
  assert.match(
    (await until(() => readLines(home, "main/log/mta.log")[0], "the warning")) ?? "",
    new RegExp(
      `^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\\t${process.pid}\\t0\\t1\\twarning\\tlog\\tmta\\.part_late partId=7$`,
    ),
  );
  assert.equal(readLines(home, "default/log/web.log").length, 1);
});

test("a line of the logger command lands in a file", async (t) => {
  const { home, port } = await aSyslogd(t);
  const program = ["/usr/bin/logger", "/bin/logger"].find(existsSync);
  if (program === undefined) return t.skip("this host has no logger");
  for (const form of ["--rfc3164", "--rfc5424"])
    execFileSync(program, [form, "-d", "-n", loopback, "-P", String(port), "-t", "greeting", "hello"]);
  const lines = await until(() => {
    const found = readLines(home, "default/log/greeting.log");
    return found.length === 2 && found;
  }, "the greetings");
  for (const line of lines) assert.match(line, /\tinfo\tsyslog\thello$/);
});

test("datagrams that are huge, empty, binary or half a character become one clean line each", async (t) => {
  const { home, port } = await aSyslogd(t);
  const send = await aSender(t, port);
  const hostile = [
    "<13>x: \u001b]0;owned\u0007\r\nfake\tline",
    Buffer.alloc(65_507, "a"),
    "",
    Buffer.from([0xff, 0x00, 0xc3]),
    Buffer.from("<13>x: \u202e\u2028"),
  ];
  for (const datagram of hostile) await send(datagram);
  const lines = await until(() => {
    const found = readLines(home, "default/log/syslog.log");
    return found.length === hostile.length && found;
  }, "a line for each");
  assert.doesNotMatch(lines.join(""), /[^\P{Cc}\t]|[\u2028\u202e]/u);
  assert.ok(lines.every((line) => line.split("\t").length === 7 && Buffer.byteLength(line) < 8_300));
  assert.match(lines[1] ?? "", /\[cut, \d+ bytes in all\]$/);
});

test("names made up by a sender share one file beyond the limit", async (t) => {
  const { home, port } = await aSyslogd(t, "maxFilesPerInstance = 20");
  const send = await aSender(t, port);
  for (let index = 0; index < 60; index += 1) await send(`<13>Oct 11 22:14:15 host program${index}: hello`);
  await until(() => readLines(home, "default/log/syslog.log").length >= 40, "the lines that share a file");
  assert.ok(readdirSync(join(home.var, "default", "log")).length <= 21);
});

test("lines that a sender lost are reported", async (t) => {
  const { home, port } = await aSyslogd(t);
  const send = await aSender(t, port);
  const line = (sequence: number): string =>
    `<134>1 2026-11-21T00:00:00Z h stat 77 e [meta sequenceId="${sequence}"][postrider@32473 instance="main" level="info" type="log"] text`;
  await send(line(1));
  await send(line(12));
  const report = await until(
    () => readLines(home, "default/log/syslogd.log").find((text) => text.includes("syslogd.lines_missing")),
    "the report",
  );
  assert.match(
    report,
    /\twarning\tlog\tsyslogd\.lines_missing missingLines=10 droppedByKernel=0 senders="stat@main 77: 10"$/,
  );
});

test("files of logons are kept for the number of days that is set", async (t) => {
  const home = aHome(t);
  const folder = join(home.var, "default", "log");
  mkdirSync(folder, { recursive: true });
  for (const day of ["20-01-01", "20-01-02", "20-01-03"]) writeFileSync(join(folder, `logins.${day}.log`), "old\n");
  const port = await aUdpPort();
  const running = await syslogd.start(
    aHostContext(t, { home, settings: `[syslogd]\nport = ${port}\nmaxNumberOfLoginsFiles = 2` }),
  );
  t.after(() => running.stop());
  aLog(t, home, port, { module: "web", instance: "default" }).info("session.logon");
  const day = new Date().toISOString().slice(2, 10);
  await until(() => existsSync(join(folder, `logins.${day}.log`)), "today's file");
  assert.deepEqual(
    readdirSync(folder)
      .filter((file) => file.startsWith("logins."))
      .sort(),
    ["logins.20-01-03.log", `logins.${day}.log`],
  );
});

test("an orderly stop writes what has arrived, and may come twice", async (t) => {
  const { home, port, stop } = await aSyslogd(t, "flushIntervalMs = 1000");
  const send = await aSender(t, port);
  for (let index = 0; index < 200; index += 1) await send(`<13>Oct 11 22:14:15 host x: line ${index}`);
  await Promise.all([stop(), stop()]);
  assert.equal(readLines(home, "default/log/x.log").length, 200);
});

test("a port that is taken ends the process at once, with a line that names the port and who has it", async (t) => {
  const taken = createSocket("udp4");
  taken.bind(0, loopback);
  await once(taken, "listening");
  t.after(() => void taken.close());
  const { port } = taken.address();
  const { code, errors, durationMs } = await startModule(t, aHome(t), ["syslogd"], {
    POSTRIDER_SYSLOGD_PORT: String(port),
  }).ended;
  assert.equal(code, 1);
  assert.match(
    errors,
    new RegExp(
      `UDP port ${port} on 127\\.0\\.0\\.1 is taken by .+ \\(pid ${process.pid}\\)\\. Stop that program, or .*syslogd\\.port`,
    ),
  );
  assert.ok(durationMs < (await stretched(5_000, durationMs)), `${durationMs} ms`);
});

test("a process that takes 5,000 lines a second loses none, and its own lines say what it was granted", async (t) => {
  const home = aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const port = await aUdpPort();
  const daemon = startModule(t, home, ["syslogd"], {
    POSTRIDER_SYSLOGD_PORT: String(port),
    POSTRIDER_SYSLOGD_MAX_FILE_SIZE_MB: "100",
  });
  await daemon.ready;
  const logs = ["mta", "mtachild", "stat", "wfserver", "tracking"].map((module) => aLog(t, home, port, { module }));
  const rounds = 50;
  let round = 0;
  for await (const _ of setInterval(40)) {
    for (const log of logs)
      for (let index = 0; index < 40; index += 1)
        log.info("test.line", { round, index, text: "0123456789".repeat(10) });
    round += 1;
    if (round === rounds) break;
  }
  const count = (module: string): number => readLines(home, `main/log/${module}.log`).length;
  await until(
    () => ["mta", "mtachild", "stat", "wfserver", "tracking"].every((module) => count(module) === rounds * 40),
    "every line",
  );
  await daemon.end("SIGTERM");
  const own = readLines(home, "default/log/syslogd.log").join("\n");
  assert.match(own, /syslogd\.listening address=127\.0\.0\.1 port=\d+ receiveBufferBytes=\d+/);
  assert.doesNotMatch(own, /lines_missing/);
});
