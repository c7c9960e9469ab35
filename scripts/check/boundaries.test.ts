import assert from "node:assert/strict";
import { test } from "node:test";

import { checkFile } from "./boundaries.ts";

const problems = (file: string, specifier: string): number =>
  checkFile(file, `import { x } from "${specifier}";\n`).length;

test("layers import downwards only", () => {
  assert.equal(problems("src/modules/mta/main.ts", "#campaign/delivery/x.ts"), 0);
  assert.equal(problems("src/campaign/delivery/x.ts", "#modules/mta/main.ts"), 1);
  assert.equal(problems("src/protocols/smtp/x.ts", "#foundation/log.ts"), 1);
  assert.equal(problems("src/channels/logs/logs.ts", "#datamodel/migrate.ts"), 1);
});

test("modules do not import each other, and the redirection server knows no database", () => {
  assert.equal(problems("src/modules/mta/main.ts", "../stat/main.ts"), 1);
  assert.equal(problems("src/modules/mta/child/main.ts", "../settings.ts"), 0);
  assert.equal(problems("src/modules/trackinglogd/main.ts", "#campaign/tracking/x.ts"), 1);
  assert.equal(problems("src/modules/trackinglogd/main.ts", "#channels/hits/hits.ts"), 0);
});

test("the domain's folders import to the left", () => {
  assert.equal(problems("src/campaign/delivery/x.ts", "../content/y.ts"), 0);
  assert.equal(problems("src/campaign/content/x.ts", "../delivery/y.ts"), 1);
});

test("a layer is crossed by its name, not by dots", () => {
  assert.equal(problems("src/modules/mta/main.ts", "../../campaign/delivery/x.ts"), 1);
});

test("the command reads modules through the roster", () => {
  assert.equal(problems("src/cli/x.ts", "#modules/roster.ts"), 0);
  assert.equal(problems("src/cli/x.ts", "#modules/mta/main.ts"), 1);
});
