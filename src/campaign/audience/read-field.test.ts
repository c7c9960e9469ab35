import assert from "node:assert/strict";
import { test } from "node:test";

import { readCountry } from "./read-country.ts";
import { readDay } from "./read-day.ts";
import { fieldReader } from "./read-field.ts";

test("dates are read in the forms that lists use", () => {
  for (const [text, day] of [
    ["2001-04-03", "2001-04-03"],
    ["2001/4/3", "2001-04-03"],
    ["20010403", "2001-04-03"],
    ["2001-04-03T10:20:30Z", "2001-04-03"],
    ["2001/04/03 00:00:00", "2001-04-03"],
    ["3.4.2001", "2001-04-03"],
    ["03/04/2001", "2001-04-03"],
    ["2001年4月3日", "2001-04-03"],
    ["2000-02-29", "2000-02-29"],
    ["0000-00-00", null],
  ] as const) {
    assert.equal(readDay(text, "dmy"), day, text);
  }
  assert.equal(readDay("03/04/2001", "mdy"), "2001-03-04");
  assert.equal(readDay("03.04.2001", "mdy"), "2001-04-03");
});

test("days that do not exist are not understood", () => {
  for (const text of [
    "1900-02-29",
    "2001-13-01",
    "2001-00-10",
    "31/04/2001",
    "1/1/80",
    "2001-04",
    "soon",
    "2001/04-03",
    "2001403",
    "99999-01-01",
    "0000-01-01",
  ]) {
    assert.equal(readDay(text, "dmy"), undefined, text);
  }
});

test("yes and no are read in the six languages, an empty cell is neither, anything else is not understood", () => {
  const read = fieldReader("yes_no", "dmy");
  for (const text of ["1", "Yes", "TRUE", "oui", "ja", "sim", "sant", "是", "x"]) assert.equal(read(text), "t", text);
  for (const text of ["0", "no", "Non", "nee", "não", "nej", "否", "false"]) assert.equal(read(text), "f", text);
  assert.equal(read(""), null);
  for (const text of ["maybe", "2", "stop", "__proto__"]) assert.equal(read(text), undefined, text);
});

test("genders and mail formats become Classic's numbers", () => {
  const gender = fieldReader("gender", "dmy");
  assert.deepEqual(["M", "homme", "2", "Kvinna", "女", "unknown", "robot"].map(gender), [
    "1",
    "1",
    "2",
    "2",
    "2",
    "0",
    undefined,
  ]);
  assert.deepEqual(["HTML", "text", "0", "pdf"].map(fieldReader("email_format", "dmy")), ["2", "1", "0", undefined]);
});

test("countries are read by code and by name in the six languages", () => {
  for (const text of ["FR", "fr", "France", "FRANKRIJK", "Frankrike", "França", "法国"])
    assert.equal(readCountry(text), "FR", text);
  assert.equal(readCountry("UK"), "GB");
  assert.equal(readCountry("United States"), "US");
  assert.equal(readCountry("Côte d'Ivoire"), "CI");
  for (const text of ["XX", "SU", "EU", "Atlantis", "ZZ", "F"]) assert.equal(readCountry(text), undefined, text);
});
