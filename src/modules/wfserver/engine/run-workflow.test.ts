import assert from "node:assert/strict";
import { test } from "node:test";

import { saveDefinition } from "#campaign/workflow/save-definition.ts";
import type { Context } from "#foundation/module.ts";
import { workflowStates } from "#schemas/codes.ts";
import { aContext } from "#test/support/context.ts";
import { serve } from "#test/support/serve-workflow.ts";
import { until } from "#test/support/until.ts";
import { aDefinition, aWorkflow, historyOf, order, someRecipients, workTables } from "#test/support/workflows.ts";

import { applyCommands } from "../server/apply-commands.ts";
import { holdRun } from "./hold-run.ts";
import { runWorkflow } from "./run-workflow.ts";
import { settleRun } from "./settle-run.ts";

const { edited, started, paused, stopping, finished } = workflowStates;

const toEnd = { next: "end" };
const query = { type: "query", settings: { where: "@gender = 1" }, to: { result: "wait" } };

test("a workflow runs from its start to its end, and its tables are gone", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 30);
  const id = await aWorkflow(db, "w", {
    start: { type: "start", to: { initial: "query" } },
    query: { ...query, to: { result: "end" } },
    end: { type: "end" },
  });
  await order(db, "w", "start");
  await serve(context, id);
  assert.deepEqual(await historyOf(db, id), {
    state: finished,
    hasFailed: false,
    tasks: ["start:1", "query:1", "end:1"],
    events: ["start.initial", "query.result"],
    journal: ["Started (run 1).", "Done (initial).", "Done (result: 10 rows).", "Done.", "Finished."],
  });
  assert.deepEqual(await workTables(db), []);
});

test("a population travels on in a table of its own while the workflow waits, and no runner stays", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 30);
  const id = await aWorkflow(db, "w", {
    start: { type: "start", to: { initial: "query" } },
    query,
    wait: { type: "wait", settings: { duration: 1, unit: "h" }, to: toEnd },
    end: { type: "end" },
  });
  await order(db, "w", "start");
  await serve(context, id);
  const history = await historyOf(db, id);
  assert.deepEqual([history.state, history.tasks], [started, ["start:1", "query:1", "wait:0"]]);
  const [table = "", ...more] = await workTables(db);
  assert.match(table, new RegExp(`^wkf${id}_\\d+$`));
  assert.deepEqual(more, []);
  assert.equal(
    await db.first((row) => (row as { owner: unknown }).owner)`select owner_process as owner from xtk_workflow`,
    null,
  );
  await order(db, "w", "wakeup");
  await serve(context, id);
  assert.equal((await historyOf(db, id)).state, finished);
  assert.deepEqual(await workTables(db), []);
});

test("a fork carries the population into each branch, and it lasts until the last branch is done", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 9);
  const id = await aWorkflow(db, "w", {
    query: { type: "query", settings: {}, to: { result: "fork" } },
    fork: { type: "fork", to: { a: "wait", b: "end" } },
    wait: { type: "wait", settings: { duration: 1, unit: "d" }, to: { next: "last" } },
    end: { type: "end" },
    last: { type: "end" },
  });
  await order(db, "w", "start");
  await serve(context, id);
  assert.equal((await workTables(db)).length, 1);
  assert.deepEqual((await historyOf(db, id)).tasks, ["query:1", "fork:1", "wait:0", "end:1"]);
});

test("an end that interrupts closes the tasks of other branches", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const id = await aWorkflow(db, "w", {
    start: { type: "start", to: { initial: "fork" } },
    fork: { type: "fork", to: { a: "wait", b: "end" } },
    wait: { type: "wait", settings: { duration: 1, unit: "y" }, to: { next: "last" } },
    end: { type: "end", settings: { interruptsOthers: true } },
    last: { type: "end" },
  });
  await order(db, "w", "start");
  await serve(context, id);
  const history = await historyOf(db, id);
  assert.deepEqual([history.state, history.tasks], [finished, ["start:1", "fork:1", "wait:3", "end:1"]]);
});

test("an activity that fails pauses the workflow; a start goes on with it alone", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 6);
  const id = await aWorkflow(db, "w", {
    start: { type: "start", to: { initial: "query" } },
    query: { type: "query", settings: { group: "absent" }, to: { result: "end" } },
    end: { type: "end" },
  });
  await order(db, "w", "start");
  await serve(context, id);
  const failed = await historyOf(db, id);
  assert.deepEqual([failed.state, failed.hasFailed, failed.tasks], [paused, true, ["start:1", "query:2"]]);
  assert.match(failed.journal.at(-1) ?? "", /There is no group 'absent'/);
  assert.deepEqual(await workTables(db), []);

  await db.run`insert into nms_group (group_id, name) values (7, 'absent')`;
  await db.run`insert into nms_rcp_grp_rel (group_id, recipient_id) values (7, 2), (7, 4)`;
  await order(db, "w", "start");
  await serve(context, id);
  const resumed = await historyOf(db, id);
  assert.deepEqual(
    [resumed.state, resumed.hasFailed, resumed.tasks],
    [finished, false, ["start:1", "query:1", "end:1"]],
  );
  assert.ok(resumed.journal.includes("Done (result: 2 rows)."));
});

test("a condition that fails on the data fails the activity with a sentence, and leaves no table", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 3);
  const id = await aWorkflow(db, "w", {
    query: { ...query, settings: { where: "@id * 9007199254740991 * 9007199254740991 > 0" }, to: { result: "end" } },
    end: { type: "end" },
  });
  await order(db, "w", "start");
  await serve(context, id);
  assert.match((await historyOf(db, id)).journal.at(-1) ?? "", /cannot be computed for the data that is there/);
  assert.deepEqual(await workTables(db), []);
});

test("a wrong definition starts nothing and names every fault in the journal", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const id = await aWorkflow(db, "w", {
    start: { type: "start", settings: { speed: 3 }, to: { initial: "query" } },
    query: { type: "query", settings: { where: "@shoeSize > 40" }, to: { result: "odd", extra: "odd" } },
    odd: { type: "teleport" },
    wait: { type: "wait", settings: { unit: "weeks" } },
  });
  await order(db, "w", "start");
  await serve(context, id);
  const { state, hasFailed, tasks, journal } = await historyOf(db, id);
  assert.deepEqual([state, hasFailed, tasks], [edited, true, []]);
  const text = journal.join("\n");
  for (const fault of [
    /'start'.* there is no setting 'speed'/,
    /no field 'shoeSize'/,
    /type 'teleport'/,
    /'duration' \(Duration\) is missing/,
    /'unit' is none of s, m, h, d, y/,
  ]) {
    assert.match(text, fault);
  }
});

test("a transition that leads nowhere pauses the run without a failure; once drawn, the run goes on from there", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 3);
  const id = await aWorkflow(db, "w", {
    start: { type: "start", to: { initial: "query" } },
    query: { ...query, to: { result: null } },
  });
  await order(db, "w", "start");
  await serve(context, id);
  const { state, hasFailed } = await historyOf(db, id);
  assert.deepEqual([state, hasFailed], [paused, false]);
  assert.equal((await workTables(db)).length, 1, "the population waits for its activity");
  await saveDefinition(
    db,
    id,
    aDefinition({
      start: { type: "start", to: { initial: "query" } },
      query: { ...query, to: { result: "end" } },
      end: { type: "end" },
    }),
  );
  await order(db, "w", "start");
  await serve(context, id);
  assert.deepEqual((await historyOf(db, id)).tasks, ["start:1", "query:1", "end:1"]);
});

test("a start clears the variables of the workflow, a restart keeps them", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const variables = (): Promise<unknown> =>
    db.first((row) => (row as { variables: unknown }).variables)`select variables from xtk_workflow`;
  const id = await aWorkflow(db, "w", {
    wait: { type: "wait", settings: { duration: 1 }, to: { next: "end" } },
    end: { type: "end" },
  });
  await order(db, "w", "start");
  await serve(context, id);
  await db.run`update xtk_workflow set variables = '{"x": 1}'`;
  await order(db, "w", "restart");
  await applyCommands(context, () => undefined);
  await settleRun(context, id);
  assert.deepEqual(await variables(), { x: 1 });
  assert.deepEqual((await historyOf(db, id)).tasks, ["wait:0"]);
  await order(db, "w", "stop");
  await order(db, "w", "start");
  await applyCommands(context, () => undefined);
  assert.deepEqual(await variables(), {});
  assert.equal((await historyOf(db, id)).journal.at(-1), "Started (run 3).");
});

test("variables that travel with an event are parameters of the next query", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 30);
  const id = await aWorkflow(db, "w", {
    first: { type: "query", settings: { where: "@id <= 7" }, to: { result: "second" } },
    second: {
      type: "query",
      settings: { where: "@id > $(vars/@recCount) and @gender = $(instance/vars/@gender)" },
      to: { result: "end" },
    },
    end: { type: "end" },
  });
  await order(db, "w", "start");
  await applyCommands(context, () => undefined);
  await db.run`update xtk_workflow set variables = '{"gender": 2}'`;
  await serve(context, id);
  assert.ok((await historyOf(db, id)).journal.includes("Done (result: 8 rows)."));
});

test("only one process at a time holds a workflow, and one that lost it can record nothing", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 3);
  const id = await aWorkflow(db, "w", { query: { ...query, to: { result: "end" } }, end: { type: "end" } });
  await order(db, "w", "start");
  await applyCommands(context, () => undefined);
  const first = await holdRun(context, id);
  assert.ok(first);
  const other: Context = { ...context, processId: "otherhost:1:x" };
  assert.equal(await holdRun(other, id), undefined);
  await db.run`update xtk_workflow set lease_until = now() - interval '1 second'`;
  const second = await holdRun(other, id);
  assert.ok(second);
  try {
    await assert.rejects(
      db.transaction((tx) => first.confirm(tx)),
      /no longer run by this process/,
    );
    await runWorkflow(context, first, new AbortController().signal);
    assert.deepEqual((await historyOf(db, id)).tasks, ["query:0"]);
  } finally {
    await first.release();
    await second.release();
  }
});

test("a task whose process was lost five times fails instead of being tried for ever", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const id = await aWorkflow(db, "w", { start: { type: "start", to: { initial: "end" } }, end: { type: "end" } });
  await order(db, "w", "start");
  await applyCommands(context, () => undefined);
  await db.run`update xtk_workflow_task set attempts = 5`;
  await serve(context, id);
  const { state, hasFailed, journal } = await historyOf(db, id);
  assert.deepEqual([state, hasFailed], [paused, true]);
  assert.match(journal.at(-1) ?? "", /was begun 5 times/);
});

test("a stop of a workflow that runs cancels the query under way, and closes it as finished", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 3);
  const id = await aWorkflow(db, "w", { query: { ...query, to: { result: "end" } }, end: { type: "end" } });
  await order(db, "w", "start");
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isHeld = (): void => undefined;
  const locked = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  // The query waits for this lock as it would for a slow disk.
  const locker = db.transaction(async (tx) => {
    await tx.run`lock table nms_recipient in access exclusive mode`;
    isHeld();
    await held;
  });
  await locked;
  const running = serve(context, id);
  await until(
    () =>
      db.first(
        (row) => (row as { found: boolean }).found,
      )`select exists (select from pg_locks where not granted and relation = 'nms_recipient'::regclass) as found`,
    "the query waits for the lock",
  );
  await order(db, "w", "stop");
  await applyCommands(context, () => undefined);
  await running;
  const { state, tasks } = await historyOf(db, id);
  assert.deepEqual([state, tasks], [finished, ["query:3"]]);
  assert.notEqual(state, stopping);
  release();
  await locker;
  assert.deepEqual(await workTables(db), []);
});
