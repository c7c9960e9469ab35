/** Random expressions over random rows: PostgreSQL and an evaluator written apart from the compiler must agree. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { Database } from "#foundation/database.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { sql } from "#foundation/sql.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { defineSchema } from "#schemas/schema.ts";
import { aDatabase } from "#test/support/database.ts";
import { functionModels } from "#test/support/expression-model/functions.ts";
import { expressionsOver } from "#test/support/expression-model/generate.ts";
import { clockOf, days, moments, timezones, words } from "#test/support/expression-model/literals.ts";
import { type Around, dayMs, type Value, type ValueKind } from "#test/support/expression-model/values.ts";
import type { Row, Written } from "#test/support/expression-model/written.ts";

import { explainDataError } from "./explain-data-error.ts";
import { checkTypes } from "./expression/check-types.ts";
import { compileField } from "./expression/compile-field.ts";
import { compileSql, type Sql } from "./expression/compile-sql.ts";
import { functions } from "./expression/functions/index.ts";
import { parseExpression } from "./expression/parse-expression.ts";
import { pathsOf } from "./expression/resolve-path.ts";
import { selectKeys } from "./query.ts";
import { createTableStatements } from "./schema-to-sql.ts";

const sample = defineSchema({
  namespace: "test",
  name: "sample",
  label: "Samples",
  labelSingular: "Sample",
  table: "test_sample",
  attributes: {
    id: { type: "int64", column: "sample_id", label: "Primary key" },
    text1: { type: "string", column: "text1", label: "Text" },
    text2: { type: "memo", column: "text2", label: "Text" },
    "place/town": { type: "string", column: "town", label: "Town" },
    small: { type: "byte", column: "small", label: "Small number", default: 0 },
    whole: { type: "long", column: "whole", label: "Whole number", default: 0 },
    big: { type: "int64", column: "big", label: "Large number" },
    span: { type: "timespan", column: "span", label: "Seconds" },
    half: { type: "double", column: "half", label: "Number" },
    flag: { type: "boolean", column: "flag", label: "Flag", default: false },
    maybe: { type: "boolean", column: "maybe", label: "Flag or nothing" },
    day: { type: "date", column: "day", label: "Day" },
    moment: { type: "datetime", column: "moment", label: "Moment" },
    clock: { type: "time", column: "clock", label: "Time of day" },
    data: { type: "json", column: "data", label: "Data", default: "{}", isInternal: true },
  },
  dataFields: {
    note: { type: "string", label: "Note" },
    "place/floor": { type: "long", label: "Floor", default: 3 },
    isOpen: { type: "boolean", label: "Open" },
    since: { type: "date", label: "Since" },
    seen: { type: "datetime", label: "Seen" },
    ratio: { type: "double", label: "Ratio" },
  },
  computedFields: {
    total: { type: "int64", label: "Total", expression: "@whole + @small" },
    twice: { type: "double", label: "Twice the total", expression: "@total * 2" },
    shown: { type: "string", label: "Both texts", expression: "JuxtWords(@text1, [place/@town])" },
  },
  keys: [{ attributes: ["id"] }],
});

const field = <K extends ValueKind>(kind: K, text: string, name: string): Written<K> => ({
  kind,
  text,
  of: (row) => (row[name] ?? null) as never,
});

const attributes: readonly Written[] = [
  field("text", "@text1", "text1"),
  field("text", "[@text2]", "text2"),
  field("text", "place/@town", "town"),
  field("text", "@note", "note"),
  field("integer", "@small", "small"),
  field("integer", "@whole", "whole"),
  field("integer", "@big", "big"),
  field("integer", "@span", "span"),
  { kind: "integer", text: "[place/@floor]", of: (row) => row["floor"] ?? 3n },
  field("double", "@half", "half"),
  field("double", "@ratio", "ratio"),
  field("boolean", "@flag", "flag"),
  field("boolean", "@maybe", "maybe"),
  field("boolean", "@isOpen", "isOpen"),
  field("date", "@day", "day"),
  field("date", "@since", "since"),
  field("datetime", "@moment", "moment"),
  field("datetime", "@seen", "seen"),
  field("time", "@clock", "clock"),
  { kind: "integer", text: "@total", of: (row) => (row["whole"] as bigint) + (row["small"] as bigint) },
  { kind: "double", text: "@twice", of: (row) => Number((row["whole"] as bigint) + (row["small"] as bigint)) * 2 },
  { kind: "text", text: "@shown", of: (row) => [row["text1"], row["town"]].filter(Boolean).join(" ") },
];

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 4 });
const doubles = fc.oneof(
  fc.integer({ min: -4000, max: 4000 }).map((eighths) => eighths / 8),
  fc.constantFrom(0.1, -2.675, 1e15, 9e15, -1e-7, 123_456_789.125),
);
const someRow = fc.record({
  text1: maybe(words),
  text2: maybe(words),
  town: maybe(words),
  note: maybe(words),
  small: fc.bigInt({ min: -128n, max: 127n }),
  whole: fc.bigInt({ min: -2_000_000_000n, max: 2_000_000_000n }),
  big: maybe(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -99n, max: 99n }))),
  span: maybe(fc.bigInt({ min: 0n, max: 100_000n })),
  floor: maybe(fc.bigInt({ min: -2n, max: 99n })),
  half: maybe(doubles),
  ratio: maybe(doubles),
  flag: fc.boolean(),
  maybe: maybe(fc.boolean()),
  isOpen: maybe(fc.boolean()),
  day: maybe(days),
  since: maybe(days),
  moment: maybe(moments),
  seen: maybe(moments),
  clock: maybe(fc.integer({ min: 0, max: 86_399 }).map((second) => second * 1000)),
});

type SampleRow = Row & { readonly id: bigint };

/** Rows as they are in memory and in the table: always the same ones, so that a seed says all. */
async function insertRows(db: Database): Promise<SampleRow[]> {
  for (const statement of createTableStatements(sample)) await db.run`${sql.raw(statement)}`;
  const sampled = fc.sample(someRow, { numRuns: 40, seed: 7 }).map((row, index) => ({ ...row, id: BigInt(index + 1) }));
  // The sum of the largest numbers of two columns is none of either's.
  const rows = sampled.map((row) => (row.id === 1n ? { ...row, small: 127n, whole: 2_147_483_647n } : row));
  const day = (value: number | null): string | null =>
    value === null ? null : new Date(value * dayMs).toISOString().slice(0, 10);
  const moment = (value: number | null): string | null => (value === null ? null : new Date(value).toISOString());
  for (const row of rows) {
    const data = {
      ...(row.note === null ? {} : { note: row.note }),
      ...(row.floor === null ? {} : { "place/floor": Number(row.floor) }),
      ...(row.isOpen === null ? {} : { isOpen: row.isOpen }),
      since: day(row.since),
      seen: moment(row.seen),
      ratio: row.ratio,
    };
    await db.run`
      insert into test_sample values (${row.id}, ${row.text1}, ${row.text2}, ${row.town}, ${row.small}, ${row.whole}, ${row.big},
        ${row.span}, ${row.half}, ${row.flag}, ${row.maybe}, ${day(row.day)}::date, ${moment(row.moment)}::timestamptz,
        ${row.clock === null ? null : clockOf(row.clock / 1000)}::time, ${JSON.stringify(data)}::jsonb)`;
  }
  return rows;
}

/** What an expression is worth for every row, by the database. */
async function compute(db: Database, { text, kind }: Written, timezone: string): Promise<(Value | null)[]> {
  const root = { schema: sample, schemas: builtInSchemas, isThere: () => true };
  const typed = checkTypes(text, parseExpression(text), {
    resolvePath: pathsOf({ root, outward: 0, links: [] }),
    parameters: {},
    aggregates: "refused",
  });
  assert.equal(typed.kind, kind, text);
  const value = compileSql(typed, { timezone, columnOf: (path) => compileField("t", path.field) });
  return explainDataError(
    text,
    () =>
      db.rows((row) =>
        read((row as { value: string | number | boolean | null }).value, kind),
      )`select ${shownAs(value, kind)} as value from test_sample as t order by t.sample_id`,
  );
}

function shownAs(value: Sql, kind: ValueKind): Sql {
  if (kind === "integer") return sql`(${value})::text`;
  if (kind === "date") return sql`((${value}) - date '1970-01-01')`;
  return kind === "datetime" || kind === "time" ? sql`(extract(epoch from (${value})) * 1000)::text` : value;
}

function read(value: string | number | boolean | null, kind: ValueKind): Value | null {
  if (value === null || kind === "text" || kind === "boolean" || kind === "double") return value;
  return kind === "integer" ? BigInt(value) : Number(value);
}

const expressions = expressionsOver(attributes);
const runs = (numRuns: number): fc.Parameters<unknown> => ({
  numRuns: numRuns * Number(process.env["POSTRIDER_TEST_RUNS"] ?? 1),
  ...(process.env["POSTRIDER_TEST_SEED"] === undefined ? {} : { seed: Number(process.env["POSTRIDER_TEST_SEED"]) }),
});

test("every function that depends on nothing but its operands has a model", () => {
  const chosen = ["Iif", "Decode", "IfEquals", "IsEmptyString", "Coalesce", "Case", "When", "Else"];
  const written = [...chosen, "VirtualLink", "VirtualLinkStr", "TruncDateTZ"];
  // Compared in functions.test.ts: they depend on the moment, on chance, on the viewer, on tables, or on rounding.
  const apart = ["GetDate", "Random", "hasNamedRight", "DefaultFolder", "HasPackage", "Distance"];
  const modelled = new Set(
    [...functionModels.map(({ name }) => name), ...written, ...apart].map((name) => name.toLowerCase()),
  );
  const missing = functions.filter(
    ({ name, family, ...rest }) =>
      !("refused" in rest) && family !== "aggregate" && family !== "window" && !modelled.has(name.toLowerCase()),
  );
  assert.deepEqual(missing, []);
});

test("compiled expressions are worth the same in PostgreSQL and in memory", async (t) => {
  const db = await aDatabase(t);
  const rows = await insertRows(db);
  const nowMs = (await db.first((row) => (row as { now: Date }).now.getTime())`select now() as now`) ?? 0;
  const anyKind = fc.oneof(...Object.values(expressions)) as fc.Arbitrary<Written>;
  const values = new Set<Value | null>();
  await fc.assert(
    fc.asyncProperty(anyKind, fc.constantFrom(...timezones), async (written, timezone) => {
      const expected = rows.map((row) => {
        const around: Around = { timezone, nowMs, hasOverflow: false };
        return { value: written.of(row, around), hasOverflow: around.hasOverflow };
      });
      const mayFail = expected.some(({ hasOverflow }) => hasOverflow);
      const found = await compute(db, written, timezone).catch((error: unknown) => {
        if (mayFail && isPostriderError(error) && error.code === "XTK-170902") return undefined;
        throw error;
      });
      for (const [index, value] of found?.entries() ?? []) {
        if (expected[index]?.hasOverflow === true) continue;
        values.add(value);
        const same = expected[index]?.value ?? null;
        if (value !== same) assert.deepEqual(value, same, `row ${index + 1} in ${timezone}: ${written.text}`);
      }
    }),
    runs(4_000),
  );
  assert.ok(values.size > 2_000, `the expressions have many values: ${values.size}`);
});

test("compiled conditions select the same rows as an evaluator in memory", async (t) => {
  const db = await aDatabase(t);
  const rows = await insertRows(db);
  const nowMs = (await db.first((row) => (row as { now: Date }).now.getTime())`select now() as now`) ?? 0;
  const selections = new Set<string>();
  await fc.assert(
    fc.asyncProperty(expressions.boolean, fc.constantFrom(...timezones), async ({ text, of }, timezone) => {
      const around: Around = { timezone, nowMs, hasOverflow: false };
      const expected = rows.filter((row) => of(row, around) === true).map(({ id }) => Number(id));
      if (around.hasOverflow) return;
      selections.add(expected.join());
      assert.deepEqual(await selectKeys(db, { schema: sample, where: text, timezone }), expected, text);
    }),
    runs(1_500),
  );
  assert.ok(selections.size > 200, `the conditions tell rows apart: ${selections.size}`);
});
