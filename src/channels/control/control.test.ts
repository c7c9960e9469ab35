import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { test } from "node:test";

import type { Home } from "#foundation/home.ts";
import { aHome } from "#test/support/context.ts";
import { until } from "#test/support/until.ts";

import type { Ending } from "#test/support/endings.ts";
import {
  command,
  type ControlHandlers,
  controlSocketPath,
  isPlatformRunning,
  listProcesses,
  openControl,
  readStatus,
  shutdownPlatform,
} from "./control.ts";
import type { ControlRequest, PlatformStatus, ProcessEntry } from "./control-messages.ts";

const web: ProcessEntry = {
  module: "web",
  instance: "default",
  pid: 12,
  memoryBytes: 3_000_000,
  startedAt: "2026-11-21T10:00:00.000Z",
  restarts: 2,
  lastError: "exit code 1: “naïve”\nsecond line",
  state: "ready",
  isAutoStart: true,
};
const found: PlatformStatus = {
  version: "0.1.0",
  pid: 11,
  startedAt: "2026-11-21T09:00:00.000Z",
  phase: "ready",
  databases: [{ instance: "main", kind: "external", where: "db:5432/x", isReady: false, problem: "away" }],
  processes: [web],
  missing: ["mta@main"],
};

async function aControl(
  t: Ending,
  home: Home,
  changed: Partial<ControlHandlers> = {},
): Promise<{ requests: ControlRequest[]; close(): Promise<void> }> {
  const requests: ControlRequest[] = [];
  const answer = (request: ControlRequest): Promise<string[]> => {
    requests.push(request);
    return Promise.resolve(["mta@main"]);
  };
  const control = await openControl(home, {
    listProcesses: () => Promise.resolve([web]),
    status: () => Promise.resolve(found),
    start: answer,
    stop: answer,
    restart: answer,
    shutdown: answer,
    reload: answer,
    forgetInstance: answer,
    ...changed,
  });
  t.after(() => control.close());
  return { requests, close: control.close };
}

test("processes and status arrive as they were sent", async (t) => {
  const home = aHome(t);
  await aControl(t, home);
  assert.deepEqual(await listProcesses(home), [web]);
  assert.deepEqual(await readStatus(home), found);
});

test("a command arrives with its arguments, and answers what it changed", async (t) => {
  const home = aHome(t);
  const { requests } = await aControl(t, home);
  const request = {
    kind: "restart",
    mask: "mta@main",
    args: ["-verbose", "-tracefilter:smtp"],
    isImmediate: true,
  } as const;
  assert.deepEqual(await command(home, request), ["mta@main"]);
  assert.deepEqual(requests, [request]);
});

test("a command that the watchdog refuses is refused with its reason", async (t) => {
  const home = aHome(t);
  await aControl(t, home, { stop: () => Promise.reject(new Error("No task corresponds to the mask x@y")) });
  await assert.rejects(command(home, { kind: "stop", mask: "x@y", isImmediate: false }), {
    code: "CTL-100005",
    message: "No task corresponds to the mask x@y",
  });
});

test("without a watchdog every command says so at once", async (t) => {
  const home = aHome(t);
  assert.equal(await isPlatformRunning(home), false);
  await assert.rejects(listProcesses(home), { code: "CTL-100001" });
  await assert.rejects(shutdownPlatform(home), { code: "CTL-100001" });
});

test("only its user may open the socket", async (t) => {
  const home = aHome(t);
  await aControl(t, home);
  assert.equal(statSync(controlSocketPath(home)).mode & 0o777, 0o600);
});

test("a socket with a live watchdog behind it is left alone", async (t) => {
  const home = aHome(t);
  await aControl(t, home);
  await assert.rejects(aControl(t, home), { code: "CTL-100002" });
  assert.deepEqual(await listProcesses(home), [web]);
});

test("what a dead watchdog left at the socket's place is taken over", async (t) => {
  const home = aHome(t);
  writeFileSync(controlSocketPath(home), "");
  await aControl(t, home);
  assert.deepEqual(await listProcesses(home), [web]);
});

test("the socket is gone after closing, also while a client is connected", async (t) => {
  const home = aHome(t);
  const control = await aControl(t, home);
  const idle = connect(controlSocketPath(home));
  await new Promise((resolve) => idle.once("connect", resolve));
  await control.close();
  assert.equal(existsSync(controlSocketPath(home)), false);
  await until(() => idle.destroyed, "the client to be cut off");
});

test("shutdown returns when the watchdog has closed the socket", async (t) => {
  const home = aHome(t);
  let close = (): Promise<void> => Promise.resolve();
  const control = await aControl(t, home, {
    shutdown: () => {
      setImmediate(() => void close());
      return Promise.resolve([]);
    },
  });
  close = control.close;
  await shutdownPlatform(home);
  assert.equal(await isPlatformRunning(home), false);
});

test("lines that are no requests are answered, and do not end the conversation", async (t) => {
  const home = aHome(t);
  await aControl(t, home);
  const client = connect(controlSocketPath(home));
  t.after(() => void client.destroy());
  let received = "";
  client.setEncoding("utf8").on("data", (text: string) => (received += text));
  client.write('nonsense\n{"kind":"delete"}\n[1]\n{"kind":"stop","mask":7}\n{"kind":"list');
  client.write('Processes"}\n');
  const lines = await until(
    () => (received.split("\n").length === 6 ? received.trim().split("\n") : undefined),
    "five answers",
  );
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { isDone: boolean }).isDone),
    [false, false, false, false, true],
  );
});

test("a client that sends without end is cut off", async (t) => {
  const home = aHome(t);
  await aControl(t, home);
  const client = connect(controlSocketPath(home)).on("error", () => undefined);
  t.after(() => void client.destroy());
  client.write("x".repeat(2_000_000));
  await until(() => client.destroyed || client.closed, "the client to be cut off");
  assert.deepEqual(await listProcesses(home), [web]);
});

test("a watchdog that goes away in the middle of a command is told from one that refuses", async (t) => {
  const home = aHome(t);
  const server = createServer((client) => client.once("data", () => client.destroy()));
  await new Promise<void>((resolve) => server.listen(controlSocketPath(home), resolve));
  t.after(() => void server.close());
  await assert.rejects(listProcesses(home), { code: "CTL-100004" });
});
