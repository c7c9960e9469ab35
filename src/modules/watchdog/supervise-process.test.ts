import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";

import type { Clock } from "#foundation/clock.ts";
import { silentLog } from "#foundation/log.ts";
import { until } from "#test/support/until.ts";

import type { Ending } from "#test/support/endings.ts";
import { stretched } from "#test/support/slowness.ts";
import { narrate } from "./narrate.ts";
import type { PlannedProcess } from "./plan-processes.ts";
import { superviseProcess } from "./supervise-process.ts";
import type { Supervised } from "./supervised.ts";

const tell = (message: string): string => `process.send(${message});`;
const ready = `${tell("{kind:'ready'}")} process.on('disconnect', () => process.exit()); setInterval(() => {}, 1000);`;
const orderly = `process.on('SIGTERM', () => process.exit(0)); ${ready}`;

const plan: PlannedProcess = {
  name: "mta@main",
  module: "mta",
  instance: "main",
  scope: "instance",
  runLevel: 10,
  isAutoStart: true,
  args: [],
  restartTime: "06:00:00",
  memory: { warningBytes: 100, alertBytes: 200 },
  fingerprint: "",
};

/** A supervised process that runs the script, and a clock to move by hand. */
function aProcess(
  t: Ending,
  script: string | ((start: number) => string),
): { process: Supervised; starts: () => number; move: (ms: number) => void; args: () => readonly string[] } {
  let movedMs = 0;
  let starts = 0;
  let lastArgs: readonly string[] = [];
  const clock: Clock = { now: () => new Date(), elapsedMs: () => performance.now() + movedMs };
  const process_ = superviseProcess(plan, {
    clock,
    silenceLimitMs: 30_000,
    narration: narrate(silentLog, false),
    launch: (_plan, args) => {
      starts += 1;
      lastArgs = args;
      return spawn(process.execPath, ["-e", typeof script === "string" ? script : script(starts)], {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      });
    },
  });
  t.after(() => process_.stop({ isImmediate: true }));
  return { process: process_, starts: () => starts, move: (ms) => (movedMs += ms), args: () => lastArgs };
}

test("a process is ready when it says so, and stopped when it is told to", async (t) => {
  const { process: own } = aProcess(t, orderly);
  assert.equal(own.entry().state, "stopped");
  own.start();
  assert.equal(own.entry().state, "starting");
  assert.equal(await own.untilReady(10_000), true);
  await own.stop({ isImmediate: false });
  assert.equal(own.entry().state, "stopped");
  assert.equal(own.entry().pid, undefined);
});

test("a process that is killed is started again at once, and the reason is remembered", async (t) => {
  const { process: own, starts } = aProcess(t, orderly);
  own.start();
  await own.untilReady(10_000);
  const { pid } = own.entry();
  process.kill(pid ?? 0, "SIGKILL");
  await until(() => own.entry().state === "ready" && own.entry().pid !== pid, "the new process", { limitMs: 2_000 });
  assert.equal(starts(), 2);
  assert.equal(own.entry().restarts, 1);
  assert.match(own.entry().lastError ?? "", /signal SIGKILL/);
});

test("a process that dies at once waits before its third start, and its last words tell why", async (t) => {
  const { process: own, starts } = aProcess(t, "console.error('the port is taken'); process.exit(3)");
  own.start();
  const startedMs = performance.now();
  await until(() => starts() === 3, "the third start");
  assert.ok(performance.now() - startedMs >= 1_000, "the third start comes a second after the second death");
  assert.equal(own.entry().lastError, "exit code 3: the port is taken");
});

test("what a process told before it died counts more than what it printed", async (t) => {
  const { process: own } = aProcess(
    t,
    `console.error('noise'); process.send({kind:'failed', reason:'no such table'}, () => process.exit(1))`,
  );
  own.start();
  await until(() => own.entry().lastError === "exit code 1: no such table", "the reason");
});

test("a minute up makes up for earlier deaths", async (t) => {
  const { process: own, starts, move } = aProcess(t, (start) => (start <= 2 ? "process.exit(1)" : orderly));
  own.start();
  await until(() => own.entry().state === "ready", "the third start to hold");
  move(61_000);
  const before = performance.now();
  process.kill(own.entry().pid ?? 0, "SIGKILL");
  await until(() => starts() === 4, "the fourth start");
  const tookMs = performance.now() - before;
  assert.ok(tookMs < (await stretched(1_000, tookMs)), `${tookMs} ms`);
});

test("an operator's restart is no death: it does not wait, and passes its arguments on", async (t) => {
  const { process: own, args } = aProcess(t, orderly);
  own.start();
  await own.untilReady(10_000);
  const { pid } = own.entry();
  for (const word of ["-verbose", "-tracefilter:smtp"]) await own.restart({ why: "command", args: [word] });
  await own.untilReady(10_000);
  assert.notEqual(own.entry().pid, pid);
  assert.deepEqual(args(), ["-tracefilter:smtp"]);
  assert.equal(own.entry().lastError, undefined);
});

test("a process that was stopped stays down, also when its next start was due", async (t) => {
  const { process: own, starts } = aProcess(t, "process.exit(1)");
  own.start();
  await until(() => starts() === 2 && own.entry().state === "waiting", "the pause before the third start");
  await own.stop({ isImmediate: false });
  assert.equal(own.entry().state, "stopped");
  assert.equal(own.isWanted(), false);
  own.start();
  await until(() => starts() === 3, "a start by hand, without the pause");
});

test("a process that does not end in time is killed", async (t) => {
  const { process: own } = aProcess(t, `process.on('SIGTERM', () => {}); ${ready}`);
  own.start();
  await own.untilReady(10_000);
  const startedMs = performance.now();
  await own.stop({ isImmediate: false, limitMs: 300 });
  assert.ok(performance.now() - startedMs < 3_000);
  assert.equal(own.entry().state, "stopped");
});

test("an immediate stop does not ask", async (t) => {
  const { process: own } = aProcess(t, `process.on('SIGTERM', () => {}); ${ready}`);
  own.start();
  await own.untilReady(10_000);
  const startedMs = performance.now();
  await own.stop({ isImmediate: true });
  assert.ok(performance.now() - startedMs < 3_000);
});

test("a process without a sign of life for 30 s is killed and started again; one that the watchdog slept through is not", async (t) => {
  const { process: own, starts, move } = aProcess(t, orderly);
  own.start();
  await own.untilReady(10_000);
  process.kill(own.entry().pid ?? 0, "SIGSTOP");
  own.checkLife();
  move(100_000);
  own.checkLife();
  assert.equal(starts(), 1, "after a sleep of its own the watchdog first listens");
  for (let second = 0; second < 31; second += 1) {
    move(1_000);
    own.checkLife();
  }
  await until(() => starts() === 2, "the second start");
  assert.match(own.entry().lastError ?? "", /no sign of life for 30 s/);
});

test("memory at the first limit is only told, at the second the process is restarted in an orderly way", async (t) => {
  const heartbeat = (bytes: number): string => tell(`{kind:'heartbeat', memoryBytes:${bytes}}`);
  const grows = `${orderly} ${heartbeat(150)} process.once('SIGUSR2', () => {${heartbeat(250)}});`;
  const { process: own, starts } = aProcess(t, (start) => (start === 1 ? grows : orderly));
  own.start();
  await until(() => own.entry().memoryBytes === 150, "the first heartbeat");
  assert.equal(starts(), 1);
  process.kill(own.entry().pid ?? 0, "SIGUSR2");
  await until(() => starts() === 2 && own.entry().state === "ready", "the restart");
  assert.match(own.entry().lastError ?? "", /^restarted at 0 MB of memory$/);
});

test("a process that waits for its database says so, and does not count as started", (t) => {
  const { process: own, starts } = aProcess(t, orderly);
  own.hold("it waits for its database");
  assert.deepEqual([own.entry().state, own.entry().lastError, starts()], ["waiting", "it waits for its database", 0]);
});

for (const [how, refuse] of [
  ["says so later", () => spawn("/nowhere/node", [], { stdio: ["ignore", "pipe", "pipe", "ipc"] })],
  ["throws at once", () => assert.fail("spawn ENOMEM /nowhere")],
] as const)
  test(`a program that cannot be started at all, which ${how}, is tried again`, async (t) => {
    let starts = 0;
    const own = superviseProcess(plan, {
      clock: { now: () => new Date(), elapsedMs: () => performance.now() },
      silenceLimitMs: 30_000,
      narration: narrate(silentLog, false),
      launch: () => {
        starts += 1;
        return refuse();
      },
    });
    t.after(() => own.stop({ isImmediate: true }));
    own.start();
    await until(() => starts === 2, "the second start");
    assert.match(own.entry().lastError ?? "", /ENOENT|ENOMEM/);
  });
