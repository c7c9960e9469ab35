import assert from "node:assert/strict";
import { test } from "node:test";

import { readRequest, withoutSkipped } from "./read-request.ts";

const checks = [{ name: "settings" }, { name: "dns" }, { name: "spf" }];
const namesFor = (skip: string): string[] =>
  withoutSkipped(checks, readRequest({ command: "doctor", words: [], flags: { skip } })).map(({ name }) => name);

test("checks that are named are left out, and a name that is none is refused with those there are", () => {
  assert.deepEqual(
    withoutSkipped(checks, readRequest({ command: "doctor", words: [], flags: {} })).map(({ name }) => name),
    ["settings", "dns", "spf"],
  );
  assert.deepEqual(namesFor("dns,spf"), ["settings"]);
  assert.deepEqual(namesFor(" spf "), ["settings", "dns"]);
  assert.throws(() => namesFor("spf,dnss"), /-skip is written as -skip:CHECK,CHECK, of settings, dns, spf/);
  assert.throws(() => namesFor(""), /-skip:CHECK,CHECK/);
});

test("a flag or a word that doctor does not know is refused", () => {
  assert.throws(() => readRequest({ command: "doctor", words: ["main"], flags: {} }), /main/);
  assert.throws(() => readRequest({ command: "doctor", words: [], flags: { jsn: true } }), /-jsn/);
  assert.throws(() => readRequest({ command: "doctor", words: [], flags: { lang: "de" } }), /-lang/);
});
