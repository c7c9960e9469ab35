/** Lines of hits: written, read back, and known as damaged. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { formatHit, type Hit, parseHit } from "./hit-line.ts";

const hit: Hit = {
  time: new Date("2026-11-21T03:04:05.678Z"),
  broadLogId: 0x617791,
  deliveryId: 0x71ffa3,
  urlId: 0x71ffa8,
  urlType: 1,
  contentType: "h",
  visitorId: "4e2b0f9c-6f0d-4a53-9c86-0f4b1c9f2a11",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
  sourceAddress: "192.0.2.7",
};

test("a line is readable, and comes back as it was", () => {
  const line = formatHit(hit);
  assert.equal(
    line.slice(0, -8),
    "6\t2026-11-21T03:04:05.678Z\t617791\t71ffa3\t71ffa8\t1\th\t4e2b0f9c-6f0d-4a53-9c86-0f4b1c9f2a11\t192.0.2.7\tMozilla/5.0 (X11; Linux x86_64)\t",
  );
  assert.deepEqual(parseHit(line), hit);
});

test("whatever a browser calls itself stays within its field", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (userAgent) => {
      const line = formatHit({ ...hit, userAgent });
      assert.equal(line.split("\t").length, 11);
      assert.doesNotMatch(line.replaceAll("\t", ""), /\p{Cc}/u);
      assert.deepEqual({ ...parseHit(line), userAgent: "" }, { ...hit, userAgent: "" });
    }),
  );
  assert.equal(parseHit(formatHit({ ...hit, userAgent: "x".repeat(100_000) }))?.userAgent.length, 255);
});

test("a line that was cut, changed or overwritten anywhere is not believed", () => {
  const line = formatHit(hit);
  for (let end = 0; end < line.length; end += 1) assert.equal(parseHit(line.slice(0, end)), undefined, `cut at ${end}`);
  for (let index = 0; index < line.length; index += 1) {
    const changed = `${line.slice(0, index)}${String.fromCharCode(line.charCodeAt(index) ^ 1)}${line.slice(index + 1)}`;
    assert.equal(parseHit(changed), undefined, `changed at ${index}`);
  }
  for (const text of ["", "\t", "\0".repeat(4_096), "6\tx\t00000000", `${line}${line}`, line.replace("6\t", "5\t")])
    assert.equal(parseHit(text), undefined);
});
