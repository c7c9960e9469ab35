import assert from "node:assert/strict";
import { test } from "node:test";

import { isPostriderError } from "#foundation/errors.ts";

import { parseWorkflowDefinition } from "./parse-workflow-definition.ts";
import { firstActivities } from "./workflow-definition.ts";

function faults(raw: unknown): string {
  try {
    parseWorkflowDefinition("w", raw);
  } catch (error) {
    if (isPostriderError(error)) return error.message;
    throw error;
  }
  return "";
}

const end = { type: "end", name: "end" };

test("a definition keeps its activities, and what is left out is empty", () => {
  const definition = parseWorkflowDefinition("w", {
    activities: [
      {
        type: "start",
        name: "start",
        transitions: [
          { name: "initial", target: "end" },
          { name: "loose", target: null },
        ],
      },
      end,
    ],
  });
  assert.deepEqual(definition.activities[0], {
    type: "start",
    name: "start",
    label: "",
    settings: {},
    transitions: [
      { name: "initial", target: "end" },
      { name: "loose", target: undefined },
    ],
  });
  assert.deepEqual(
    firstActivities(definition).map(({ name }) => name),
    ["start"],
  );
});

test("all faults are told together", () => {
  const told = faults({
    activities: [
      { type: "start", name: "a b", transitions: [{ name: "x", target: "nowhere" }] },
      { name: "twice", settings: [] },
      { type: "end", name: "twice", label: 3, transitions: [{ name: "same" }, { name: "same" }, "odd"] },
      "odd",
    ],
  });
  for (const fault of [
    /activity 1: its name must be/,
    /leads to 'nowhere', which is no activity/,
    /twice: its type is missing/,
    /twice: its settings are no object/,
    /two activities are named 'twice'/,
    /twice: its label is no text/,
    /twice: two transitions are named 'same'/,
    /twice: a transition is \{/,
    /activity 4 is no object/,
  ]) {
    assert.match(told, fault);
  }
});

test("what is no diagram at all is refused", () => {
  for (const raw of [undefined, null, 3, "x", [], {}, { activities: {} }])
    assert.match(faults(raw), /a list named activities/);
  assert.match(faults({ activities: [] }), /has no activity/);
  assert.match(faults({ activities: Array.from({ length: 501 }, () => end) }), /500 is the most/);
});

test("a diagram in which no activity can be the first is refused", () => {
  const ring = ["a", "b"].map((name, index) => ({
    type: "fork",
    name,
    transitions: [{ name: "t", target: index === 0 ? "b" : "a" }],
  }));
  assert.match(faults({ activities: ring }), /none can begin/);
});
