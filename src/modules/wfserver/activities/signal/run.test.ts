import assert from "node:assert/strict";
import { test } from "node:test";

import { postEvent } from "#campaign/workflow/post-event.ts";
import { requestCommand } from "#campaign/workflow/request-command.ts";
import { readWorkflow } from "#campaign/workflow/workflow-store.ts";
import type { Context } from "#foundation/module.ts";
import { workflowStates } from "#schemas/codes.ts";
import { aContext } from "#test/support/context.ts";
import { serve } from "#test/support/serve-workflow.ts";
import { aWorkflow, historyOf, order } from "#test/support/workflows.ts";

const { edited, starting, started, paused, finished } = workflowStates;

const nodes = {
  start: { type: "start", to: { initial: "signal" } },
  signal: { type: "signal", to: { done: "end", other: "end" } },
  end: { type: "end" },
};

async function aWaitingWorkflow(context: Context): Promise<number> {
  const id = await aWorkflow(context.db, "w", nodes);
  await order(context.db, "w", "start");
  await serve(context, id);
  return id;
}

const anEvent = { workflow: "w", activity: "signal", transition: "", variables: {}, isComplete: false };

test("a signal waits, each event fires its transition with its variables, and the last one ends it", async (t) => {
  const context = await aContext(t);
  const id = await aWaitingWorkflow(context);
  assert.deepEqual((await historyOf(context.db, id)).tasks, ["start:1", "signal:0"]);
  await postEvent(context.db, { ...anEvent, variables: { a: "1" } });
  await postEvent(context.db, { ...anEvent, workflow: id, transition: "other", isComplete: true });
  await postEvent(context.db, anEvent);
  await serve(context, id);
  const { state, tasks, events, journal } = await historyOf(context.db, id);
  assert.equal(state, finished);
  assert.deepEqual(tasks, ["start:1", "signal:1", "end:1", "end:1"]);
  assert.deepEqual(events, ["start.initial", "signal.done", "signal.other"]);
  assert.ok(journal.includes("The event was not taken: the activity has ended already."), journal.join("\n"));
});

test("an event for an activity that was not reached fires all the same", async (t) => {
  const context = await aContext(t);
  const id = await aWorkflow(context.db, "w", {
    wait: { type: "wait", settings: { duration: 1 }, to: { next: "signal" } },
    signal: nodes.signal,
    end: { type: "end" },
  });
  await order(context.db, "w", "start");
  await postEvent(context.db, anEvent);
  await postEvent(context.db, anEvent);
  await serve(context, id);
  const { state, events } = await historyOf(context.db, id);
  assert.equal(state, started);
  assert.deepEqual(events, ["signal.done", "signal.done"]);
});

test("an event waits in a paused workflow, and is an error in the journal of one that is not started", async (t) => {
  const context = await aContext(t);
  const id = await aWaitingWorkflow(context);
  await order(context.db, "w", "pause");
  await postEvent(context.db, anEvent);
  await serve(context, id);
  assert.equal((await historyOf(context.db, id)).state, paused);
  await order(context.db, "w", "start");
  await serve(context, id);
  assert.deepEqual((await historyOf(context.db, id)).tasks, ["start:1", "signal:0", "end:1"]);
  await order(context.db, "w", "stop");
  await postEvent(context.db, anEvent);
  await serve(context, id);
  assert.match((await historyOf(context.db, id)).journal.at(-1) ?? "", /has no effect: it is not started/);
});

test("an event for no activity or no transition says so", async (t) => {
  const context = await aContext(t);
  const id = await aWaitingWorkflow(context);
  await postEvent(context.db, { ...anEvent, activity: "nothing" });
  await postEvent(context.db, { ...anEvent, transition: "nowhere" });
  await serve(context, id);
  const { journal } = await historyOf(context.db, id);
  assert.deepEqual(journal.slice(-2), [
    "The event was not taken: there is no such activity.",
    "The event was not taken: the activity has no transition 'nowhere'.",
  ]);
  await assert.rejects(postEvent(context.db, { ...anEvent, workflow: "unknown" }), { code: "WKF-100002" });
  await assert.rejects(postEvent(context.db, { ...anEvent, activity: "" }), { code: "WKF-100005" });
});

test("a start is seen at once, begins with its variables, and goes back where a wrong diagram cannot start", async (t) => {
  const context = await aContext(t);
  const id = await aWorkflow(context.db, "w", nodes);
  await requestCommand(context.db, { workflow: id, command: "start", variables: { greeting: "hello" } });
  assert.equal((await readWorkflow(context.db, id))?.state, starting);
  await serve(context, id);
  const workflow = await readWorkflow(context.db, id);
  assert.deepEqual([workflow?.state, workflow?.variables], [started, { greeting: "hello" }]);
  const wrong = await aWorkflow(context.db, "wrong", { start: { type: "nothing" } });
  await order(context.db, "wrong", "start");
  await serve(context, wrong);
  const after = await readWorkflow(context.db, wrong);
  assert.deepEqual([after?.state, after?.hasFailed], [edited, true]);
});
