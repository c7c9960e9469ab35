import assert from "node:assert/strict";
import { test } from "node:test";

import { checkDocuments } from "./documents.ts";

test("every page has its headings, every link leads somewhere, and every file that the message journey names exists", () => {
  assert.deepEqual(checkDocuments(), []);
});
