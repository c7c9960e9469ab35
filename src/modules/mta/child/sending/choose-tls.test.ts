import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseTls } from "./choose-tls.ts";

const verified = { tls: "required", mustVerify: true };

for (const [usesTls, rule, demand, expected] of [
  [true, "default", undefined, { tls: "opportunistic" }],
  [false, "default", undefined, { tls: "disabled" }],
  [true, "disabled", undefined, { tls: "disabled" }],
  [false, "required", undefined, { tls: "required" }],
  [true, "default", "disabled", { tls: "disabled" }],
  [true, "opportunistic", "disabled", { tls: "disabled" }],
  [true, "required", "disabled", { tls: "required" }],
  [true, "required", "opportunistic", { tls: "required" }],
  [true, "disabled", "required", { tls: "required" }],
  [true, "default", "required", { tls: "required" }],
  [true, "disabled", "verified", verified],
  [true, "required", "verified", verified],
  [false, "default", "verified", verified],
] as const) {
  test(`setting ${usesTls ? "on" : "off"}, rule ${rule}, demand ${demand ?? "none"}: ${JSON.stringify(expected)}`, () =>
    assert.deepEqual(chooseTls({ usesTls, rule, demand }), expected));
}
