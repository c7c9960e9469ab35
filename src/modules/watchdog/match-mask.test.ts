import assert from "node:assert/strict";
import { test } from "node:test";

import { matchMask } from "./match-mask.ts";

const names = ["syslogd@default", "web@default", "mta@main", "inMail@main", "mta@shop", "inMail@shop"];
const match = (mask: string): string[] => matchMask(mask, names, "main");

test("a mask names one process", () => {
  assert.deepEqual(match("mta@shop"), ["mta@shop"]);
  assert.deepEqual(match("web@default"), ["web@default"]);
  assert.deepEqual(match("INMAIL@main"), ["inMail@main"]);
});

test("without an instance it is the host's, or the default one", () => {
  assert.deepEqual(match("web"), ["web@default"]);
  assert.deepEqual(match("mta"), ["mta@main"]);
});

test("an asterisk stands for any text, everything else for itself", () => {
  assert.deepEqual(match("*@shop"), ["mta@shop", "inMail@shop"]);
  assert.deepEqual(match("*mta@*"), ["mta@main", "mta@shop"]);
  assert.deepEqual(match("m.a@main"), []);
  assert.deepEqual(match("("), []);
  assert.deepEqual(match(""), []);
});
