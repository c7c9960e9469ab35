import assert from "node:assert/strict";
import { test } from "node:test";

import { textOf } from "#protocols/soap/xml-element.ts";
import { aWeb, faultOf, outputsOf } from "#test/support/web.ts";

test("a counter gives each value once, and those of the platform stay where they are", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const increase = (name: string) => web.call("IncreaseValue", `<name>${name}</name>`, tokens, "xtk:counter");
  const answers = await Promise.all(Array.from({ length: 10 }, () => increase("xtkResource")));
  const values = answers.map((answer) => Number(textOf(outputsOf(answer)[0] ?? assert.fail(answer.text))));
  assert.deepEqual(
    values.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  for (const name of ["nms_broad_log", "nothing"])
    assert.match(faultOf(await increase(name))["detail"] ?? "", /SOP-330114/);
});
