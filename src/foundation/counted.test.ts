import assert from "node:assert/strict";
import { test } from "node:test";

import { counted } from "./counted.ts";

test("one thing is spoken of as one", () => {
  assert.equal(counted(1, "open connection"), "1 open connection");
  assert.equal(counted(0, "open connection"), "0 open connections");
  assert.equal(counted(1, "message waits", "messages wait"), "1 message waits");
  assert.equal(counted(1_200, "message waits", "messages wait"), "1,200 messages wait");
});
