/** Gaps in the numbers of lines. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { ModuleLine } from "#channels/logs/log-datagram.ts";

import { countMissingLines, type MissingLines } from "./count-missing-lines.ts";

function note(missing: MissingLines, sequences: readonly number[], pid = 1): void {
  for (const sequence of sequences)
    missing.note({ module: "mta", instance: "main", pid, threadId: 0, sequence } as ModuleLine, "127.0.0.1");
}

test("gaps are counted per sender, and told once", () => {
  const missing = countMissingLines();
  note(missing, [1, 2, 5, 6, 10]);
  note(missing, [1, 2, 3], 2);
  note(missing, [40, 42], 3);
  assert.deepEqual(
    [...missing.take()],
    [
      ["mta@main 1", 5],
      ["mta@main 3", 1],
    ],
  );
  note(missing, [11]);
  assert.deepEqual([...missing.take()], []);
});

test("lines that come late, twice, or from a new process with an old number are no gaps", () => {
  const missing = countMissingLines();
  note(missing, [7, 8, 7, 8, 9, 1, 2, 3]);
  assert.equal(missing.take().size, 0);
});

test("senders without end cost bounded memory", () => {
  const missing = countMissingLines();
  for (let pid = 1; pid <= 5_000; pid += 1) note(missing, [1, 3], pid);
  assert.equal(missing.take().size, 5_000);
  note(missing, [9], 1);
  note(missing, [9], 5_000);
  assert.deepEqual([...missing.take()], [["mta@main 5000", 5]]);
});
