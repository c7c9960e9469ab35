import assert from "node:assert/strict";
import { test } from "node:test";

import { openProof } from "./tenure.ts";

test("a proof lasts from the question, not from its answer, and no longer than it may", () => {
  let nowMs = 0;
  const proof = openProof(
    100,
    () => nowMs,
    () => nowMs,
  );
  assert.equal(proof.isProved(), false, "nothing was asked yet");
  const asked = proof.now();
  nowMs = 60;
  proof.renew(asked);
  assert.equal(proof.isProved(), true);
  nowMs = 99;
  assert.equal(proof.pausedForMs(), 0);
  nowMs = 100;
  assert.equal(proof.isProved(), false);
  nowMs = 150;
  assert.equal(proof.pausedForMs(), 50);
});

test("time in which the machine slept counts", () => {
  let bootMs = 0;
  const proof = openProof(
    100,
    () => 0,
    () => bootMs,
  );
  proof.renew(proof.now());
  assert.equal(proof.isProved(), true);
  bootMs = 3_600_000;
  assert.equal(proof.isProved(), false);
});
