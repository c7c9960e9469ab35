import assert from "node:assert/strict";
import { test } from "node:test";

import { encodingFlag, requiredFlag, separatorFlag, textFlag } from "./read-flags.ts";

test("separators are taken as characters and by name", () => {
  for (const [text, separator] of [
    [";", ";"],
    ["semicolon", ";"],
    ["TAB", "\t"],
    ["\\t", "\t"],
    ["\t", "\t"],
    ["pipe", "|"],
    [",", ","],
  ] as const) {
    assert.equal(separatorFlag({ separator: text }), separator);
  }
  assert.equal(separatorFlag({}), undefined);
  for (const separator of ["x", ";;", "__proto__", "constructor"])
    assert.throws(() => separatorFlag({ separator }), { code: "TRF-100018" });
});

test("encodings are taken by their usual names", () => {
  assert.equal(encodingFlag({ encoding: "UTF8" }), "utf-8");
  assert.equal(encodingFlag({ encoding: "Windows-1252" }), "windows-1252");
  assert.equal(encodingFlag({ encoding: "ISO-8859-1" }), "latin1");
  assert.equal(encodingFlag({}), undefined);
  assert.throws(() => encodingFlag({ encoding: "utf-16" }), { code: "TRF-100017" });
});

test("a flag without a text counts as not given", () => {
  assert.equal(textFlag({ group: true }, "group"), undefined);
  assert.equal(textFlag({ group: "" }, "group"), undefined);
  assert.throws(() => requiredFlag({ file: true }, "file", { command: "import", form: "-file:PATH" }), {
    message: "postrider import needs -file:PATH. See: postrider import -?",
  });
});
