import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { controlSocketPath } from "#channels/control/control.ts";
import type { HostVisit } from "#foundation/doctor/check.ts";
import { measureMachine } from "#foundation/machine-indicators.ts";
import { prepareHome } from "#foundation/home.ts";
import { aHome } from "#test/support/context.ts";
import { problemsOf } from "#test/support/doctor-visit.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aScriptedWatchdog, type SaidProcess, type SaidStatus } from "#test/support/scripted-watchdog.ts";

import { checkPlatform } from "./platform.ts";

function aVisit(t: Ending): HostVisit {
  const home = aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const signal = new AbortController().signal;
  return { home, environment: {}, host: "testhost", instances: ["main"], now: () => new Date(), signal };
}

async function problemsWith(t: Ending, said: readonly SaidProcess[], status: SaidStatus = {}): Promise<string[]> {
  const visit = aVisit(t);
  await aScriptedWatchdog(t, visit.home, said, status);
  return problemsOf(await checkPlatform(visit, { againMs: 10 }));
}

const web = { module: "web", instance: "default", state: "ready", pid: 1 } as const;
const mta = { module: "mta", instance: "main" } as const;

test("a platform that does not run is told, and where no instance is that is left to the settings", async (t) => {
  const visit = aVisit(t);
  assert.deepEqual(problemsOf(await checkPlatform(visit)), ["error platform.stopped"]);
  assert.deepEqual(problemsOf(await checkPlatform({ ...visit, instances: [] })), ["obstacle settings"]);
});

test("a watchdog that hangs up without an answer is told", async (test) => {
  const t = inReverse(test);
  const visit = aVisit(t);
  prepareHome(visit.home);
  const server = createServer((socket) => socket.on("data", () => socket.destroy()));
  server.listen(controlSocketPath(visit.home));
  await once(server, "listening");
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  assert.deepEqual(problemsOf(await checkPlatform(visit)), ["error platform.silent"]);
});

test("a platform that stops, and one that has been starting for minutes, are told", async (test) => {
  const t = inReverse(test);
  assert.deepEqual(await problemsWith(t, [web], { phase: "stopping" }), ["warning platform.stopping"]);
  const startedAt = new Date(Date.now() - 300_000).toISOString();
  assert.deepEqual(await problemsWith(t, [web], { phase: "starting", startedAt }), ["warning platform.starting"]);
  assert.deepEqual(await problemsWith(t, [web], { phase: "starting" }), []);
});

test("a process that was stopped, that dies, that was restarted often, or that is not meant to run is told", async (test) => {
  const t = inReverse(test);
  assert.deepEqual(await problemsWith(t, [{ ...mta, state: "stopped" }]), ["error platform.moduleStopped"]);
  const dying = { ...mta, state: "waiting", restarts: 3, lastError: "the port is taken" } as const;
  assert.deepEqual(await problemsWith(t, [dying]), ["error platform.moduleDies"]);
  const waiting = { ...dying, lastError: "it waits for its database" };
  assert.deepEqual(await problemsWith(t, [waiting]), []);
  const unsteady = { ...mta, state: "ready", pid: 1, restarts: 3, lastError: "out of memory" } as const;
  const startedAt = new Date(Date.now() - 60_000).toISOString();
  assert.deepEqual(await problemsWith(t, [{ ...unsteady, startedAt }]), ["warning platform.unsteady"]);
  const longAgo = new Date(Date.now() - 3_600_000).toISOString();
  assert.deepEqual(await problemsWith(t, [{ ...unsteady, startedAt: longAgo }]), []);
  const elsewhere = { ...mta, state: "stopped", isAutoStart: false } as const;
  assert.deepEqual(await problemsWith(t, [elsewhere]), ["note platform.notAutoStarted"]);
});

test("memory that is nearly used up is told, with the largest process", async (test) => {
  const t = inReverse(test);
  const visit = aVisit(t);
  await aScriptedWatchdog(t, visit.home, [
    { ...web, memoryBytes: 5 },
    { ...mta, state: "ready", pid: 2, memoryBytes: 7 },
  ]);
  const measure: typeof measureMachine = async (home) =>
    (await measureMachine(home)).map((each) => (each.name === "Memory" ? { ...each, current: each.max * 0.97 } : each));
  const found = await checkPlatform(visit, { measure });
  assert.deepEqual(problemsOf(found), ["warning platform.memory"]);
  assert.equal("findings" in found ? found.findings[0]?.values?.["process"] : "", "mta@main");
});
