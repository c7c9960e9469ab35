import assert from "node:assert/strict";
import { test } from "node:test";

import type { Context } from "#foundation/module.ts";
import { deliveryStates, workflowStates } from "#schemas/codes.ts";
import { aContext } from "#test/support/context.ts";
import { serve } from "#test/support/serve-workflow.ts";
import { until } from "#test/support/until.ts";
import { aWorkflow, historyOf, order, someRecipients } from "#test/support/workflows.ts";

const { started, paused, finished } = workflowStates;

type Stored = {
  delivery_id: number;
  internal_name: string;
  state: number;
  is_start_requested: boolean;
  subject: string;
  target: unknown;
  label: string;
};

const deliveries = ({ db }: Context): Promise<Stored[]> =>
  db.rows(
    (row) => row as Stored,
  )`select delivery_id, internal_name, state, is_start_requested, subject, target, label from nms_delivery where not is_model order by delivery_id`;

async function aSendingWorkflow(
  { db }: Context,
  settings: Record<string, unknown>,
  where = "@gender = 1",
): Promise<number> {
  await someRecipients(db, 9);
  return aWorkflow(db, "w", {
    query: { type: "query", settings: { where }, to: { result: "send" } },
    send: { type: "delivery", settings: { subject: "Hello", text: "Hi", ...settings }, to: { result: "end" } },
    end: { type: "end" },
  });
}

/** Moves deliveries on, as the mta does when it has prepared them. */
async function playMta({ db }: Context, from: number, to: number, failureText: string | null = null): Promise<void> {
  await until(
    async () =>
      (await db.run`update nms_delivery set state = ${to}, failure_text = ${failureText} where state = ${from}`) > 0,
    `a delivery in state ${from}`,
  );
}

test("a delivery that is only saved is made for the population, and the workflow goes on at once", async (t) => {
  const context = await aContext(t);
  const id = await aSendingWorkflow(context, { action: "save", label: "Spring" });
  await order(context.db, "w", "start");
  await serve(context, id);
  const [delivery, ...more] = await deliveries(context);
  assert.deepEqual(more, []);
  assert.equal(delivery?.state, deliveryStates.edited);
  assert.equal(delivery.label, "Spring");
  assert.match(delivery.internal_name, new RegExp(`^wf${id}-\\d+$`));
  assert.match(JSON.stringify(delivery.target), new RegExp(`^{"workTable":"wkf${id}_\\d+"}$`));
  assert.equal((await historyOf(context.db, id)).state, finished);
  const vars = await context.db.first((row) => (row as { id: number }).id)`
    select (variables ->> 'deliveryId')::bigint as id from xtk_workflow_event where variables ? 'deliveryId'`;
  assert.equal(vars, delivery.delivery_id);
});

test("the task waits for the preparation, which reads the work table, and ends once the delivery starts", async (t) => {
  const context = await aContext(t);
  const id = await aSendingWorkflow(context, { action: "prepareAndStart" });
  await order(context.db, "w", "start");
  const running = serve(context, id);
  await until(
    async () => (await deliveries(context))[0]?.state === deliveryStates.targetingPending,
    "the delivery is asked for",
  );
  const history = await historyOf(context.db, id);
  assert.deepEqual([history.state, history.tasks], [started, ["query:1", "send:0"]]);
  assert.equal((await deliveries(context))[0]?.is_start_requested, true);
  await playMta(context, deliveryStates.targetingPending, deliveryStates.startPending);
  await running;
  assert.deepEqual((await historyOf(context.db, id)).tasks, ["query:1", "send:1", "end:1"]);
  assert.equal((await deliveries(context)).length, 1);
});

test("a delivery that is only to be prepared is not started", async (t) => {
  const context = await aContext(t);
  const id = await aSendingWorkflow(context, { action: "prepare" });
  await order(context.db, "w", "start");
  const running = serve(context, id);
  await playMta(context, deliveryStates.targetingPending, deliveryStates.ready);
  await running;
  const [delivery] = await deliveries(context);
  assert.deepEqual([delivery?.state, delivery?.is_start_requested], [deliveryStates.ready, false]);
});

test("a task that is begun again, at whatever point, makes and starts the delivery once", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const id = await aSendingWorkflow(context, { action: "prepareAndStart" });
  await order(db, "w", "start");
  const running = serve(context, id);
  await playMta(context, deliveryStates.targetingPending, deliveryStates.startPending);
  await running;
  // As if the process had died before it could close the task, or even before it kept the delivery's id.
  for (const own of [`variables -> 'own'`, `'{}'::jsonb`]) {
    await db.run`update xtk_workflow set state = ${started}`;
    await db.run`update xtk_workflow_task set status = 0 where activity = 'send'`;
    await db.run`delete from xtk_workflow_task where activity = 'end'`;
    if (own.startsWith("'"))
      await db.run`update xtk_workflow_task set variables = jsonb_set(variables, '{own}', '{}') where activity = 'send'`;
    await serve(context, id);
    const all = await deliveries(context);
    assert.deepEqual(
      all.map(({ state }) => state),
      [deliveryStates.startPending],
    );
    assert.equal((await historyOf(db, id)).state, finished);
  }
});

test("a preparation that fails pauses the workflow with the reason; the next start makes the delivery anew", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const id = await aSendingWorkflow(context, { action: "prepareAndStart" });
  await order(db, "w", "start");
  const running = serve(context, id);
  await playMta(
    context,
    deliveryStates.targetingPending,
    deliveryStates.preparationFailed,
    "The field recipient.shoeSize is unknown.",
  );
  await running;
  const failed = await historyOf(db, id);
  assert.deepEqual([failed.state, failed.hasFailed, failed.tasks], [paused, true, ["query:1", "send:2"]]);
  assert.match(failed.journal.at(-1) ?? "", /could not be prepared: The field recipient\.shoeSize is unknown/);

  await db.run`update xtk_workflow set definition = jsonb_set(definition, '{activities,1,settings,subject}', '"Corrected"')`;
  await order(db, "w", "start");
  const again = serve(context, id);
  await playMta(context, deliveryStates.targetingPending, deliveryStates.inProgress);
  await again;
  const made = await deliveries(context);
  assert.deepEqual(
    made.map(({ subject, state }) => [subject, state]),
    [
      ["Hello", deliveryStates.preparationFailed],
      ["Corrected", deliveryStates.inProgress],
    ],
  );
  assert.equal((await historyOf(db, id)).state, finished);
});

test("an empty population makes no delivery, and says so", async (t) => {
  const context = await aContext(t);
  const id = await aSendingWorkflow(context, {}, "@gender = 77");
  await order(context.db, "w", "start");
  await serve(context, id);
  assert.deepEqual(await deliveries(context), []);
  const { state, journal } = await historyOf(context.db, id);
  assert.equal(state, finished);
  assert.ok(journal.some((line) => line.includes("Nobody is in the population")));
});

test("a delivery without a population, or without content, is refused", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const alone = await aWorkflow(db, "alone", { send: { type: "delivery", settings: { subject: "x", text: "y" } } });
  await order(db, "alone", "start");
  await serve(context, alone);
  assert.match((await historyOf(db, alone)).journal.at(-1) ?? "", /needs a population/);
  const empty = await aWorkflow(db, "empty", { send: { type: "delivery", settings: { subject: "x", html: "  " } } });
  await order(db, "empty", "start");
  await serve(context, empty);
  assert.match((await historyOf(db, empty)).journal.at(-1) ?? "", /no content/);
});
