import assert from "node:assert/strict";
import { test } from "node:test";

import { startDefinition } from "./definition.ts";
import { runStart } from "./run.ts";

test("a start fires the one transition that it has", async () => {
  assert.deepEqual(await runStart(), { kind: "done", fired: [{ transition: startDefinition.outbound[0].name }] });
});
