import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { Field } from "#schemas/fields.ts";
import type { Attribute, AttributeType } from "#schemas/schema.ts";

import { parseValue } from "./parse-value.ts";

function aField(type: AttributeType, more: Partial<Attribute> = {}): Field {
  return {
    path: "value",
    type,
    label: "Value",
    kind: "stored",
    declaration: { type, column: "value", label: "Value", ...more },
  };
}

function refused(type: AttributeType, raw: string, more: Partial<Attribute> = {}): void {
  assert.throws(() => parseValue(aField(type, more), raw, { schema: "nms:test" }), {
    code: "XTK-170933",
    message: /The field 'value' of nms:test/,
  });
}

test("numbers are whole, within their type, and exact beyond what a double holds", () => {
  assert.equal(parseValue(aField("long"), " +12 "), 12);
  assert.equal(parseValue(aField("long"), "12.00"), 12);
  assert.equal(parseValue(aField("int64"), "9223372036854775807"), 9223372036854775807n);
  assert.equal(parseValue(aField("double"), "-1.5e3"), -1500);
  for (const [type, raw] of [
    ["byte", "128"],
    ["short", "32768"],
    ["long", "2147483648"],
    ["int64", "9223372036854775808"],
    ["long", "1.5"],
    ["long", "0x1"],
    ["double", "Infinity"],
    ["double", "1e400"],
  ] as const)
    refused(type, raw);
});

test("a value of an enumeration may be given by its name, and a word has to be one of them", () => {
  const genders = { name: "gender", values: [{ name: "male", value: 1, label: "Male" }] };
  assert.equal(parseValue(aField("byte", { enumeration: genders }), "male"), 1);
  assert.equal(parseValue(aField("byte", { enumeration: genders }), "2"), 2);
  refused("byte", "other", { enumeration: genders });
  refused("string", "other", { enumeration: { name: "word", values: [{ name: "one", value: "one", label: "One" }] } });
});

test("dates and times are read in the forms that clients use, and in the viewer's time zone where none is named", () => {
  assert.equal(parseValue(aField("date"), "2024-02-29T00:00:00.000Z"), "2024-02-29");
  assert.equal(parseValue(aField("date"), "2024/02/29"), "2024-02-29");
  const moment = (raw: string, timezone = "UTC"): string =>
    (parseValue(aField("datetime"), raw, { timezone }) as Date).toISOString();
  assert.equal(moment("2024-02-29 10:11:12.345Z"), "2024-02-29T10:11:12.345Z");
  assert.equal(moment("2024-02-29T10:11:12+0200"), "2024-02-29T08:11:12.000Z");
  assert.equal(moment("2024-07-01 10:00:00", "Europe/Paris"), "2024-07-01T08:00:00.000Z");
  assert.equal(moment("2024-03-31 03:30:00", "Europe/Paris"), "2024-03-31T01:30:00.000Z");
  assert.equal(moment("2024-12-01", "America/New_York"), "2024-12-01T05:00:00.000Z");
  assert.equal(parseValue(aField("time"), "9:05"), "09:05:00");
  for (const [type, raw] of [
    ["date", "2023-02-29"],
    ["datetime", "yesterday"],
    ["datetime", "infinity"],
    ["time", "24:00"],
  ] as const)
    refused(type, raw);
});

test("what PostgreSQL cannot store is refused, in texts and within documents", () => {
  refused("string", "a\0b");
  refused("memo", "\udc00");
  refused("json", '{"a":"\\u0000"}');
  refused("json", '{"\\ud800":1}');
  refused("json", "{");
  refused("uuid", "1234");
  refused("blob", "%%");
  refused("string", "abcd", { length: 3 });
  assert.equal(parseValue(aField("string", { length: 3 }), "😀😀😀"), "😀😀😀");
});

test("an empty value is null, or nothing of its type where the column has no nulls", () => {
  for (const raw of ["", null]) {
    assert.equal(parseValue(aField("string"), raw), null);
    assert.equal(parseValue(aField("string", { default: "x" }), raw), "");
    assert.equal(parseValue(aField("long", { default: 7 }), raw), 0);
    assert.equal(parseValue(aField("boolean", { default: true }), raw), false);
    assert.equal(parseValue(aField("datetime"), raw), null);
    assert.deepEqual(parseValue(aField("json", { default: "{}" }), raw), { json: {} });
  }
});

test("whatever is given, a value comes out or the field is named", () => {
  const types: readonly AttributeType[] = [
    "string",
    "boolean",
    "byte",
    "long",
    "int64",
    "double",
    "date",
    "datetime",
    "time",
    "timespan",
    "uuid",
    "blob",
    "json",
    "xml",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean()),
      (type, raw) => {
        try {
          parseValue(aField(type), raw, { schema: "nms:test" });
        } catch (error) {
          assert.equal(error instanceof Error && "code" in error && error.code, "XTK-170933");
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
