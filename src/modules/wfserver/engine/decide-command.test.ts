import assert from "node:assert/strict";
import { test } from "node:test";

import { type WorkflowCommand, workflowCommands, type WorkflowStateCode } from "#campaign/workflow/workflow.ts";
import { workflowStates } from "#schemas/codes.ts";

import { decideCommand } from "./decide-command.ts";

const { edited, started, pausing, paused, stopping, restarting, finished } = workflowStates;

function effect(command: WorkflowCommand, state: WorkflowStateCode, isOwned = false): string {
  const decision = decideCommand(command, state, isOwned);
  if (decision.kind === "enter") return `enter ${decision.state}`;
  return decision.kind === "begin" ? `begin ${decision.variables}` : decision.kind;
}

test("a start begins what is not running, resumes what is paused, and calls a pause off", () => {
  assert.deepEqual(
    [edited, finished, paused, pausing, started].map((state) => effect("start", state)),
    ["begin cleared", "begin cleared", "resume", `enter ${started}`, "ignore"],
  );
});

test("a start that comes while the workflow stops waits until it has stopped", () => {
  assert.equal(effect("start", stopping, true), "later");
});

test("a pause and a stop leave the activity under way to its runner, and act at once when there is none", () => {
  assert.equal(effect("pause", started, true), `enter ${pausing}`);
  assert.equal(effect("pause", started, false), `enter ${paused}`);
  assert.equal(effect("stop", started, true), `enter ${stopping}`);
  assert.equal(effect("stop", paused, false), "end");
});

test("a restart keeps the variables, and may be ordered while a stop is under way", () => {
  assert.equal(effect("restart", started, true), `enter ${restarting}`);
  assert.equal(effect("restart", stopping, true), `enter ${restarting}`);
  assert.equal(effect("restart", finished), "begin kept");
});

test("an unconditional stop asks nobody", () => {
  for (const state of [started, pausing, paused, stopping, restarting])
    assert.equal(effect("kill", state, true), "cutOff");
});

test("commands other than start and restart have no effect on a workflow that does not run, and say why", () => {
  for (const command of workflowCommands.filter((name) => name !== "start" && name !== "restart")) {
    for (const state of [edited, finished]) assert.equal(effect(command, state), "ignore");
  }
});
