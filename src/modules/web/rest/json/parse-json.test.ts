import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { processorMs } from "#test/support/processor-time.ts";

import { type Json, writeJson } from "./json.ts";
import { jsonLimits, parseJson } from "./parse-json.ts";

const refusedWith = (source: string, expected: RegExp): void => {
  assert.throws(() => parseJson(source), expected, source.slice(0, 60));
};

test("it reads what JSON.parse reads, and writes it back the same", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const source = JSON.stringify(value);
      fc.pre(
        source.isWellFormed() &&
          !source.includes("\\u0000") &&
          !source.includes("\\ud") &&
          !/\d{16}|e[+-]?\d/.test(source),
      );
      assert.deepEqual(JSON.parse(writeJson(parseJson(source))), JSON.parse(source));
    }),
    { numRuns: 500 },
  );
});

test("it refuses what JSON.parse refuses", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from("{}[],:\"\\ 019-+.eEtruefalsn\n\t/u'")) }),
      (source) => {
        let isJson = true;
        try {
          JSON.parse(source);
        } catch {
          isJson = false;
        }
        if (!isJson) assert.throws(() => parseJson(source));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a name that reaches for a prototype is a name like others", () => {
  const read = parseJson('{"__proto__": {"isAdmin": true}, "constructor": 1}');
  assert.ok(read instanceof Map);
  assert.equal(Object.hasOwn(Object.prototype, "isAdmin"), false);
  assert.deepEqual([...read.keys()], ["__proto__", "constructor"]);
});

test("what other readers disagree on is refused: a name twice, half a character, NUL, a number that loses digits", () => {
  refusedWith('{"email": "a", "email": "b"}', /the name "email" comes twice \(at character 16\)/);
  refusedWith('{"a": {"b": 1, "\\u0062": 2}}', /comes twice/);
  refusedWith('["\\ud800"]', /half a character/);
  refusedWith('["\\u0000"]', /NUL/);
  refusedWith("[9007199254740993]", /too large/);
  refusedWith("[1e400]", /too large/);
  assert.deepEqual(parseJson("[9007199254740991, -0, 1.5e3]"), [9007199254740991, 0, 1500]);
});

test("depth, lists and objects have limits", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  assert.ok(parseJson(nested(jsonLimits.maxDepth)));
  refusedWith(nested(jsonLimits.maxDepth + 1), /nested more than 20 deep/);
  refusedWith("[".repeat(1_000_000), /nested more than 20 deep/);
  refusedWith(`[${"1,".repeat(10_000)}1]`, /more than 10000 items/);
  refusedWith(`{${Array.from({ length: 1_001 }, (_, n) => `"k${n}":1`).join()}}`, /more than 1000 members/);
});

test("one text may be as long as a whole body", () => {
  for (const piece of ["x", "\\n", "\\\\"])
    assert.equal(Array.isArray(parseJson(`["${piece.repeat(4_000_000)}"]`)), true);
  refusedWith(`["${"\\\\".repeat(1_000_000)}`, /not closed/);
});

test("ten megabytes are read in well under a second each", () => {
  const items = Array.from({ length: 10_000 }, (_, n) => ({ email: `person${n}@example.com`, text1: "x".repeat(900) }));
  const source = JSON.stringify(items);
  const begun = processorMs();
  const read = parseJson(source) as readonly Json[];
  assert.equal(read.length, 10_000);
  assert.ok(processorMs() - begun < 3_000, `${Math.round(processorMs() - begun)} ms for ${source.length} characters`);
});
