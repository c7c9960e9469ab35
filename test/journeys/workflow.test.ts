/** Workflows through real processes: wfserver, its runwf and PostgreSQL, with kill -9 at chosen and at random moments (I6). */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import { type Home, programFolder } from "#foundation/home.ts";
import { deliveryStates, workflowStates } from "#schemas/codes.ts";
import { aHome } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aFalteringDatabase, type FalteringDatabase } from "#test/support/faltering-database.ts";
import { type ModuleProcess, startModule } from "#test/support/module-process.ts";
import { isAlive } from "#test/support/processes.ts";
import { slownessNow } from "#test/support/slowness.ts";
import { until } from "#test/support/until.ts";
import { within } from "#test/support/within.ts";
import { aWorkflow, historyOf, order, someRecipients, workTables } from "#test/support/workflows.ts";

import { countOf, deliveryStatesOf, holdingEvents, lockingTable, ownerPidOf, waitsForLock } from "./workflow-store.ts";

const { started, finished } = workflowStates;

type Stage = { readonly db: Database; readonly home: Home; serve(): ModuleProcess };

/**
 * A server that looks into the database rarely, so that only notices, alarms and ends of processes can wake it in time.
 * @param reach how it comes to the database, when not as the test does
 */
async function aStage(
  test: TestContext,
  reach?: (address: DatabaseAddress) => Promise<DatabaseAddress>,
): Promise<Stage> {
  const t: Ending = inReverse(test);
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 5 });
  t.after(() => db.close());
  const home = aHome(t);
  const { url } = await (reach?.(address) ?? address);
  writeFileSync(
    join(home.conf, "instance-main.toml"),
    `database.url = "${url}"\n[wfserver]\ndataBasePoolPeriodSec = 300\n`,
  );
  return { db, home, serve: () => startModule(t, home, ["wfserver", "-instance:main"]) };
}

/** start, two queries and a delivery: each is a place where a runner may die. */
async function aSendingWorkflow(db: Database): Promise<number> {
  await someRecipients(db, 3_000);
  return aWorkflow(db, "campaign", {
    start: { type: "start", to: { initial: "fork" } },
    fork: { type: "fork", to: { a: "query", b: "wait" } },
    query: { type: "query", settings: { where: "@gender = 1" }, to: { result: "send" } },
    send: {
      type: "delivery",
      settings: { subject: "Hello", text: "Hi", action: "prepareAndStart" },
      to: { result: "end" },
    },
    wait: { type: "wait", settings: { duration: 1, unit: "s" }, to: { next: "end" } },
    end: { type: "end" },
  });
}

const wholeRun = ["end:1", "end:1", "fork:1", "query:1", "send:1", "start:1", "wait:1"];
const wholeEvents = ["fork.a", "fork.b", "query.result", "send.result", "start.initial", "wait.next"];

async function assertRunOnce(db: Database, id: number): Promise<void> {
  const { tasks, events, hasFailed, journal } = await historyOf(db, id);
  assert.deepEqual([...tasks].sort(), wholeRun);
  assert.deepEqual([...events].sort(), wholeEvents);
  assert.equal(hasFailed, false);
  assert.equal(journal.filter((line) => line.startsWith("Started")).length, 1);
  assert.deepEqual(await deliveryStatesOf(db), [deliveryStates.startPending], "one delivery, started once");
  await until(async () => (await workTables(db)).length === 0, "the work tables to be dropped");
}

const isFinished = async (db: Database, id: number): Promise<boolean> => (await historyOf(db, id)).state === finished;

/** Answers for the mta: what waits for its preparation is prepared and starts. */
function playMta(db: Database): { stop(): Promise<void> } {
  let isOver = false;
  const playing = until(
    async () => {
      await db.run`update nms_delivery set state = ${deliveryStates.startPending} where state = ${deliveryStates.targetingPending} and is_start_requested`;
      return isOver;
    },
    "the end of the test",
    { limitMs: 300_000, stepMs: 200 },
  );
  return {
    stop: async () => {
      isOver = true;
      await playing;
    },
  };
}

test("a runner killed in the middle of an activity leaves nothing, and another goes on within seconds", async (t) => {
  const { db, serve } = await aStage(t);
  const id = await aSendingWorkflow(db);
  serve();
  const mta = playMta(db);
  // Each hold stops a runner: at the end of the start, in the middle of the query, in the middle of the delivery.
  let hold = await holdingEvents(db);
  await order(db, "campaign", "start");
  for (const next of ["nms_recipient", "nms_delivery", undefined]) {
    await until(() => waitsForLock(db, "runwf"), "a runner to wait", { limitMs: 60_000 });
    const pid = await ownerPidOf(db, id);
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGKILL");
    await until(() => !isAlive(pid), "the runner to be dead");
    const following = next === undefined ? undefined : await lockingTable(db, next);
    await hold.release();
    if (following !== undefined) hold = following;
    // The connection of the dead runner may wait a little longer.
    await until(async () => (await ownerPidOf(db, id)) !== pid, "the next runner", { limitMs: 60_000 });
  }
  await until(() => isFinished(db, id), "the workflow to finish", { limitMs: 60_000 });
  await mta.stop();
  await assertRunOnce(db, id);
});

test("a server killed together with what it runs loses nothing: the next one goes on", async (t) => {
  const { db, serve } = await aStage(t);
  const id = await aSendingWorkflow(db);
  const first = serve();
  const lock = await lockingTable(db, "nms_recipient");
  await order(db, "campaign", "start");
  await until(() => waitsForLock(db, "runwf"), "a runner in the middle of a query", { limitMs: 30_000 });
  const pid = await ownerPidOf(db, id);
  await first.end("SIGKILL");
  await until(() => pid !== undefined && !isAlive(pid), "the orphan to end", {
    limitMs: 6_000 * (await slownessNow()),
  });
  await lock.release();
  assert.deepEqual(await workTables(db), []);
  const startedMs = performance.now();
  serve();
  const mta = playMta(db);
  await until(() => isFinished(db, id), "the workflow to finish", { limitMs: 60_000 });
  const tookMs = performance.now() - startedMs;
  const limitMs = 20_000 * (tookMs < 20_000 ? 1 : await slownessNow());
  assert.ok(tookMs < limitMs, "the lease of a runner that is known to be dead is not waited for");
  await mta.stop();
  await assertRunOnce(db, id);
});

test("servers and runners killed at random moments, again and again, run each activity once", async (t) => {
  const { db, serve } = await aStage(t);
  const id = await aSendingWorkflow(db);
  let server = serve();
  await order(db, "campaign", "start");
  const mta = playMta(db);
  let kills = 0;
  for (let round = 0; round < 12 && !(await isFinished(db, id)); round += 1) {
    const endMs = performance.now() + 100 + ((round * 389) % 900);
    await until(async () => performance.now() > endMs || (await isFinished(db, id)), "the moment of the next kill");
    const pid = await ownerPidOf(db, id);
    if (round % 4 === 3 || pid === undefined) {
      await server.end("SIGKILL");
      server = serve();
    } else killIfAlive(pid);
    kills += 1;
  }
  assert.ok(kills > 3);
  await until(() => isFinished(db, id), "the workflow to finish", { limitMs: 120_000 });
  await mta.stop();
  await assertRunOnce(db, id);
});

/** Between the look and the kill it may have ended by itself. */
function killIfAlive(pid: number): void {
  if (isAlive(pid)) process.kill(pid, "SIGKILL");
}

test("a workflow that waits holds no process, and goes on when its time has come though nobody looks", async (t) => {
  const { db, serve } = await aStage(t);
  const id = await aWorkflow(db, "patient", {
    start: { type: "start", to: { initial: "wait" } },
    wait: { type: "wait", settings: { duration: 9, unit: "s" }, to: { next: "end" } },
    end: { type: "end" },
  });
  serve();
  await order(db, "patient", "start");
  const pid = await until(() => ownerPidOf(db, id), "a runner", { limitMs: 30_000 });
  await until(() => !isAlive(pid), "the runner to end", { limitMs: 30_000 });
  const { state, tasks } = await historyOf(db, id);
  assert.deepEqual([state, tasks], [started, ["start:1", "wait:0"]]);
  await until(() => isFinished(db, id), "the workflow to finish", { limitMs: 30_000 });
});

test("two servers run a workflow once, and connections that are cut do not fail it", async (t) => {
  const { db, serve } = await aStage(t);
  const id = await aSendingWorkflow(db);
  serve();
  serve();
  const lock = await lockingTable(db, "nms_recipient");
  await order(db, "campaign", "start");
  await until(() => waitsForLock(db, "runwf"), "a runner in the middle of a query", { limitMs: 30_000 });
  assert.equal(await countOf(db, "runwf@main"), 1, "one query runs");
  await db.run`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'runwf@main'`;
  await lock.release();
  const mta = playMta(db);
  await until(() => isFinished(db, id), "the workflow to finish", { limitMs: 60_000 });
  await mta.stop();
  await assertRunOnce(db, id);
});

/** `POSTRIDER_FULL=1` keeps the database away for as long as the catalogue says. */
const awayMs = process.env["POSTRIDER_FULL"] === "1" ? 60_000 : 3_000;

test("F11: the database goes away in the middle of an activity: the server stays, and goes on when it is back", async (t) => {
  let way: FalteringDatabase | undefined;
  const { db, serve } = await aStage(t, async (address) => {
    way = await aFalteringDatabase(t, address);
    return way.address;
  });
  const id = await aSendingWorkflow(db);
  const server = serve();
  const lock = await lockingTable(db, "nms_recipient");
  await order(db, "campaign", "start");
  await until(() => waitsForLock(db, "runwf"), "a runner in the middle of a query", { limitMs: 30_000 });
  way?.refuse();
  await lock.release();
  await within(awayMs, new Promise<never>(() => undefined));
  assert.ok(isAlive(server.pid), "the server is there");
  assert.deepEqual(await workTables(db), [], "the query is undone");
  way?.comeBack();
  const backMs = performance.now();
  const mta = playMta(db);
  await until(() => isFinished(db, id), "the workflow to finish", { limitMs: 120_000 });
  const tookMs = performance.now() - backMs;
  t.diagnostic(`finished ${Math.round(tookMs)} ms after the database was back`);
  assert.ok(tookMs < 60_000 * (tookMs < 60_000 ? 1 : await slownessNow()));
  await mta.stop();
  await assertRunOnce(db, id);
});

test("an operator stores, starts, pauses and stops a workflow from the command line", async (t) => {
  const { home, serve } = await aStage(t);
  const postrider = async (...words: string[]): Promise<{ code: number; output: string }> => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(programFolder, "src/cli/main.ts"), "workflow", ...words],
      {
        env: { PATH: process.env["PATH"], POSTRIDER_HOME: home.root },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()));
    const [code] = await once(child, "close");
    return { code: Number(code), output };
  };
  const file = join(home.root, "nightly.json");
  writeFileSync(
    file,
    JSON.stringify({
      activities: [
        { type: "wait", name: "rest", settings: { duration: 1 }, transitions: [{ name: "next", target: "end" }] },
        { type: "end", name: "end" },
      ],
    }),
  );
  serve();
  assert.deepEqual(await postrider("-list"), { code: 0, output: "There is no workflow\n" });
  assert.equal((await postrider("-create:nightly", `-file:${file}`)).code, 0);
  assert.match((await postrider("-create:nightly", `-file:${file}`)).output, /There is a workflow 'nightly' already/);
  assert.match(
    (await postrider("-create:broken", `-file:${home.root}`)).output,
    /cannot be read as the definition of a workflow/,
  );
  assert.equal((await postrider("-start:nightly")).code, 0);
  const shows = (pattern: RegExp): Promise<true> =>
    until(async () => pattern.test((await postrider("-list")).output), `the list to show ${pattern}`, {
      limitMs: 30_000,
    });
  await shows(/^nightly\s+started\s+1\s+1/m);
  await postrider("-pause:nightly");
  await shows(/^nightly\s+paused/m);
  await postrider("-start:nightly");
  await shows(/^nightly\s+started/m);
  await postrider("-stop:nightly");
  await shows(/^nightly\s+finished\s+1\s+0/m);
  assert.match(
    (await postrider("-journal:nightly")).output,
    /Started \(run 1\)[\s\S]*Paused[\s\S]*Resumed[\s\S]*Stopped/,
  );
  const refused = await postrider("-start:absent");
  assert.deepEqual([refused.code, /There is no workflow 'absent'/.test(refused.output)], [2, true]);
});
