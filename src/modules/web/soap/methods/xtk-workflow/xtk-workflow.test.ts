import assert from "node:assert/strict";
import { test } from "node:test";

import { readWorkflow } from "#campaign/workflow/workflow-store.ts";
import { textOf } from "#protocols/soap/xml-element.ts";
import { settleRun } from "#modules/wfserver/engine/settle-run.ts";
import { workflowStates } from "#schemas/codes.ts";
import { anOperator } from "#test/support/operators.ts";
import { serve } from "#test/support/serve-workflow.ts";
import { aWeb, faultOf, outputsOf, type RunningWeb, type Tokens } from "#test/support/web.ts";
import { aWorkflow, historyOf } from "#test/support/workflows.ts";

const { edited, starting, started, paused, finished } = workflowStates;

const nodes = {
  start: { type: "start", to: { initial: "signal" } },
  signal: { type: "signal", to: { done: "end" } },
  end: { type: "end" },
};

async function order(web: RunningWeb, tokens: Tokens, method: string, reference: string | number, more = "") {
  return web.call(method, `<workflowId>${reference}</workflowId>${more}`, tokens, "xtk:workflow");
}

async function stateOf(web: RunningWeb, id: number): Promise<number | undefined> {
  return (await readWorkflow(web.context.db, id))?.state;
}

test("a workflow is started, paused, resumed and stopped by its name or its id", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const id = await aWorkflow(web.context.db, "w", nodes);
  assert.deepEqual(faultOf(await order(web, tokens, "Start", "w")), {});
  assert.equal(await stateOf(web, id), starting);
  for (const [method, reference, state] of [
    [undefined, "", started],
    ["Pause", id, paused],
    ["Start", id, started],
    ["Wakeup", "w", started],
    ["Restart", "w", started],
    ["Stop", "w", finished],
    ["Start", "w", started],
    ["Kill", id, finished],
  ] as const) {
    if (method !== undefined) assert.deepEqual(faultOf(await order(web, tokens, method, reference)), {});
    await serve(web.context, id);
    await settleRun(web.context, id);
    await serve(web.context, id);
    assert.equal(await stateOf(web, id), state, method);
  }
});

test("variables reach the run, and an event reaches its activity", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const id = await aWorkflow(web.context.db, "w", nodes);
  await order(web, tokens, "StartWithParameters", "w", '<parameters><variables a="1"/></parameters>');
  await serve(web.context, id);
  assert.deepEqual((await readWorkflow(web.context.db, id))?.variables, { a: "1" });
  const event = "<activity>signal</activity><transition></transition><parameters><variables b='2'/></parameters>";
  assert.deepEqual(faultOf(await order(web, tokens, "PostEvent", "w", `${event}<complete>true</complete>`)), {});
  await serve(web.context, id);
  const { state, events } = await historyOf(web.context.db, id);
  assert.deepEqual([state, events], [finished, ["start.initial", "signal.done"]]);
});

test("a client that leaves the last parameters out posts an event all the same", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const id = await aWorkflow(web.context.db, "w", nodes);
  await order(web, tokens, "Start", "w");
  assert.deepEqual(faultOf(await order(web, tokens, "PostEvent", id, "<activity>signal</activity>")), {});
});

test("an unknown workflow, an unnamed activity and odd variables are faults", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  await aWorkflow(web.context.db, "w", nodes);
  for (const reference of ["nothing", "4711", "", "' or 1=1"]) {
    const { faultstring, detail } = faultOf(await order(web, tokens, "Start", reference));
    assert.match(faultstring ?? "", /^SOP-330011 /);
    assert.match(detail ?? "", /ENT-100003 There is no xtk:workflow/);
  }
  assert.match(faultOf(await order(web, tokens, "PostEvent", "w"))["detail"] ?? "", /WKF-100005/);
  const many = Array.from({ length: 201 }, (_, index) => `v${index}="1"`).join(" ");
  const answer = await order(web, tokens, "StartWithParameters", "w", `<p><variables ${many}/></p>`);
  assert.match(faultOf(answer)["detail"] ?? "", /ENT-100002/);
});

test("without the right to workflows nothing starts, and the state stays", async (t) => {
  const web = await aWeb(t);
  const id = await aWorkflow(web.context.db, "w", nodes);
  const tokens = await anOperator(web, "sender", ["delivery"]);
  for (const method of ["Start", "Stop", "Kill", "PostEvent", "StartWithParameters"])
    assert.match(faultOf(await order(web, tokens, method, "w"))["faultstring"] ?? "", /SOP-330110/);
  await serve(web.context, id);
  assert.equal(await stateOf(web, id), edited);
  const other = await anOperator(web, "runner", ["workflow"]);
  assert.deepEqual(faultOf(await order(web, other, "Start", "w")), {});
});

test("what is not there yet says what to do instead", async (t) => {
  const web = await aWeb(t);
  const { faultstring } = faultOf(await order(web, await web.logOn(), "Execute", "w"));
  assert.match(faultstring ?? "", /SOP-330005 .* Start the workflow and follow its state/);
});

test("a template is copied and the copy started, by whoever may make workflows", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const template = await aWorkflow(web.context.db, "template", nodes);
  const spawned = outputsOf(await order(web, tokens, "SpawnWithParameters", "template", '<p><variables a="1"/></p>'));
  const id = Number(textOf(spawned[0] ?? assert.fail("no id")));
  await serve(web.context, id);
  const copy = await readWorkflow(web.context.db, id);
  assert.deepEqual([copy?.state, copy?.variables, copy?.internalName], [started, { a: "1" }, `template_${id}`]);
  assert.equal(await stateOf(web, template), edited);
});
