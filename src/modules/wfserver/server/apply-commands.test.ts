import assert from "node:assert/strict";
import { test } from "node:test";

import { workflowStates } from "#schemas/codes.ts";
import { aContext } from "#test/support/context.ts";
import { serve } from "#test/support/serve-workflow.ts";
import { aWorkflow, historyOf, order } from "#test/support/workflows.ts";

import { holdRun } from "../engine/hold-run.ts";
import { settleRun } from "../engine/settle-run.ts";
import { applyCommands } from "./apply-commands.ts";

const { paused, stopping, finished } = workflowStates;
const waiting = { wait: { type: "wait", settings: { duration: 1 }, to: { next: "end" } }, end: { type: "end" } };
const nobody = (): void => undefined;

test("commands are applied once and in their order, by however many servers", async (t) => {
  const context = await aContext(t);
  const id = await aWorkflow(context.db, "w", waiting);
  for (const command of ["start", "pause", "start", "pause"] as const) await order(context.db, "w", command);
  await Promise.all([applyCommands(context, nobody), applyCommands(context, nobody), applyCommands(context, nobody)]);
  const { state, journal, tasks } = await historyOf(context.db, id);
  assert.equal(state, paused);
  assert.deepEqual(journal, ["Started (run 1).", "Paused.", "Resumed.", "Paused."]);
  assert.deepEqual(tasks, ["wait:0"]);
});

test("a start behind a stop that is under way waits for it, and so do the commands behind it", async (t) => {
  const context = await aContext(t);
  const id = await aWorkflow(context.db, "w", waiting);
  await order(context.db, "w", "start");
  await applyCommands(context, nobody);
  const hold = await holdRun(context, id);
  assert.ok(hold);
  for (const command of ["stop", "start", "pause"] as const) await order(context.db, "w", command);
  await applyCommands(context, nobody);
  assert.equal((await historyOf(context.db, id)).state, stopping);
  await hold.release();
  // No runner is left: a server ends the run itself, then applies what waited.
  await settleRun(context, id);
  await applyCommands(context, nobody);
  assert.deepEqual((await historyOf(context.db, id)).journal, [
    "Started (run 1).",
    "Stopped.",
    "Started (run 2).",
    "Paused.",
  ]);
});

test("an unconditional stop ends the run though a runner holds it, and the runner can record nothing more", async (t) => {
  const context = await aContext(t);
  const id = await aWorkflow(context.db, "w", waiting);
  await order(context.db, "w", "start");
  await applyCommands(context, nobody);
  const hold = await holdRun(context, id);
  assert.ok(hold);
  await order(context.db, "w", "kill");
  const cutOff: number[] = [];
  await applyCommands(context, (workflowId) => void cutOff.push(workflowId));
  try {
    assert.deepEqual(cutOff, [id]);
    assert.equal((await historyOf(context.db, id)).state, finished);
    await assert.rejects(
      context.db.transaction((tx) => hold.confirm(tx)),
      /no longer run by this process/,
    );
  } finally {
    await hold.release();
  }
});

test("a command for a workflow that is gone, or that has no effect, does not stand in the way of others", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const id = await aWorkflow(db, "w", waiting);
  await aWorkflow(db, "gone", waiting);
  await order(db, "gone", "start");
  await db.run`delete from xtk_workflow where internal_name = 'gone'`;
  await order(db, "w", "pause");
  await order(db, "w", "start");
  await serve(context, id);
  assert.deepEqual((await historyOf(db, id)).journal.slice(0, 2), [
    "The command 'pause' has no effect: it is not started.",
    "Started (run 1).",
  ]);
});
