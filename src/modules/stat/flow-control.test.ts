import assert from "node:assert/strict";
import { test } from "node:test";

import { type FlowControl, openFlowControl } from "./flow-control.ts";

const path = { host: "mx.example.test", address: "192.0.2.1", publicId: 1 };
const other = { ...path, address: "192.0.2.2" };
const maxConnections = 20;

type Server = { isStorming: boolean };
type Simulation = {
  readonly flow: FlowControl;
  /** Lets senders ask as much as they can for so many seconds; answers messages taken and connections refused in each. */
  run(seconds: number, server: Server): { readonly taken: number[]; readonly refused: number[] };
};

/** Senders with more to send than may leave, which tell what happened once a second. */
function aSimulation(demandPerSec = 100): Simulation {
  let nowMs = 1_000_000;
  const flow = openFlowControl(() => nowMs);
  return {
    flow,
    run: (seconds, server) => {
      const taken: number[] = [];
      const refused: number[] = [];
      for (let second = 0; second < seconds; second += 1) {
        let accepted = 0;
        let failures = 0;
        for (let step = 0; step < 10; step += 1) {
          nowMs += 100;
          for (let open = 0; open < maxConnections && accepted + failures < demandPerSec; open += 1) {
            const leave = flow.judge(path, open, maxConnections);
            if (leave.kind === "wait") break;
            const messages = leave.kind === "limited" ? Math.min(leave.messages, 10) : 1;
            flow.spend(path, messages);
            if (server.isStorming) failures += 1;
            else accepted += messages;
          }
        }
        flow.note(path, { accepted, refused: failures });
        taken.push(accepted);
        refused.push(failures);
      }
      return { taken, refused };
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

test("a storm of refusals brings a path down tenfold within a minute, and it comes back within five", () => {
  const { flow, run } = aSimulation();
  const before = sum(run(60, { isStorming: false }).taken);
  const storm = run(600, { isStorming: true }).refused;
  assert.ok(sum(storm.slice(60, 120)) * 10 <= before, `${sum(storm.slice(60, 120))} of ${before} a minute`);
  assert.ok(sum(storm.slice(60)) <= 9 * 10, "probes are far apart");
  assert.ok(Math.max(...storm.slice(60)) <= 1, "one session at a time probes");
  const { taken } = run(300, { isStorming: false });
  const full = taken.findIndex((accepted) => accepted >= 100);
  assert.ok(full > 30 && full < 300, `full again after ${full} s`);
  assert.equal(flow.find(path), undefined);
});

test("the way back is slow: no second takes much more than the one before", () => {
  const { run } = aSimulation();
  run(60, { isStorming: false });
  run(60, { isStorming: true });
  const { taken } = run(150, { isStorming: false });
  assert.ok(sum(taken.slice(0, 30)) < sum(taken.slice(60, 90)));
  assert.ok(sum(taken.slice(60, 90)) < sum(taken.slice(110, 140)));
});

test("other paths are free meanwhile", () => {
  const { flow, run } = aSimulation();
  run(60, { isStorming: true });
  assert.deepEqual(flow.judge(other, 19, maxConnections), { kind: "free" });
  assert.ok(flow.find(path));
});

test("a few refusals among many accepted messages slow nothing down", () => {
  let nowMs = 0;
  const flow = openFlowControl(() => nowMs);
  for (let second = 0; second < 60; second += 1) {
    nowMs += 1_000;
    assert.equal(flow.note(path, { accepted: 100, throttled: 5 }), undefined);
  }
  assert.equal(flow.find(path), undefined);
});

test("two refusals are no storm, a third one within half a minute is", () => {
  let nowMs = 0;
  const flow = openFlowControl(() => nowMs);
  assert.equal(flow.note(path, { refused: 2 }), undefined);
  nowMs += 60_000;
  assert.equal(flow.note(path, { refused: 2 }), undefined);
  nowMs += 1_000;
  assert.deepEqual(flow.note(path, { throttled: 1 }), { kind: "slowed", level: 0.125 });
});

test("a busy path is slowed soon after its server begins to refuse", () => {
  const { flow, run } = aSimulation(5_000);
  run(60, { isStorming: false });
  run(20, { isStorming: true });
  assert.ok((flow.find(path)?.level ?? 1) < 0.1);
});

test("a restarted server takes over the lowest share that senders name", () => {
  const flow = openFlowControl(() => 0);
  flow.adopt(path, 0.25);
  flow.adopt(path, 0.5);
  assert.equal(flow.find(path)?.level, 0.25);
  assert.equal(flow.judge(path, 5, maxConnections).kind, "wait");
});

test("what nobody asks for is forgotten", () => {
  let nowMs = 0;
  const flow = openFlowControl(() => nowMs);
  for (let index = 0; index < 1_000; index += 1)
    flow.note({ ...path, address: `192.0.${index >> 8}.${index & 255}` }, { refused: 5 });
  assert.equal(flow.size, 1_000);
  nowMs += 700_000;
  flow.sweep();
  assert.equal(flow.size, 0);
});
