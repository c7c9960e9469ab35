import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { defineSchema } from "#schemas/schema.ts";
import { aDatabase } from "#test/support/database.ts";

import { createTableStatements } from "../../schema-to-sql.ts";
import { checkTypes, type Meaning } from "../check-types.ts";
import { compileField } from "../compile-field.ts";
import { compileSql, type QueryShape } from "../compile-sql.ts";
import { parseExpression } from "../parse-expression.ts";
import { pathsOf } from "../resolve-path.ts";
import { functions } from "./index.ts";

const thing = defineSchema({
  namespace: "test",
  name: "thing",
  label: "Things",
  labelSingular: "Thing",
  table: "test_thing",
  attributes: {
    id: { type: "int64", column: "thing_id", label: "Primary key" },
    name: { type: "string", column: "name", label: "Name" },
    code: { type: "uuid", column: "code", label: "Code" },
    at: { type: "time", column: "at_time", label: "Time" },
    settings: { type: "json", column: "settings", label: "Settings" },
    content: { type: "xml", column: "content", label: "Content" },
    image: { type: "blob", column: "image", label: "Image" },
    password: { type: "string", column: "password", label: "Password", isSecret: true },
    gender: {
      type: "byte",
      column: "gender",
      label: "Gender",
      default: 0,
      enumeration: { name: "gender", values: [{ name: "male", value: 1, label: "Male" }] },
    },
  },
  computedFields: {
    loop: { type: "long", label: "A loop", expression: "@loop + 1" },
    odd: { type: "date", label: "Not what it says", expression: "Upper(@name)" },
    broken: { type: "long", label: "Names what is not there", expression: "@noSuchField" },
    half: { type: "long", label: "Half", expression: "@id / 2" },
  },
  keys: [{ attributes: ["id"] }],
});

type Asked = Partial<Meaning> & Partial<QueryShape>;

const start = {
  root: { schema: thing, schemas: builtInSchemas, isThere: () => true },
  outward: 0,
  links: [],
};

function compile(expression: string, asked: Asked = {}): ReturnType<typeof compileSql> {
  const typed = checkTypes(expression, parseExpression(expression), {
    resolvePath: pathsOf(start),
    parameters: {},
    aggregates: "refused",
    ...asked,
  });
  return compileSql(typed, { timezone: "Europe/Paris", columnOf: ({ field }) => compileField("t", field), ...asked });
}

async function someThings(t: Parameters<typeof aDatabase>[0]): Promise<Database> {
  const db = await aDatabase(t);
  for (const statement of createTableStatements(thing)) await db.run`${sql.raw(statement)}`;
  await db.run`insert into test_thing (thing_id, name, code, at_time, settings, content, image, password) values
    (1, 'one', '123e4567-e89b-12d3-a456-426614174000', '10:03', '{"colour": "red"}', '<p>Hello</p>', '\\x0102', 'secret'),
    (2, 'two', null, null, '{}', '', null, ''), (3, 'three', null, '23:59:59', '[]', null, null, null)`;
  return db;
}

const ids = async (db: Database, where: string, asked?: Asked): Promise<number[]> =>
  db.rows(
    (row) => (row as { id: number }).id,
  )`select thing_id as id from test_thing t where ${compile(where, asked)} order by 1`;

const one = async (db: Database, expression: string, asked?: Asked): Promise<unknown> =>
  db.first((row) => (row as { value: unknown }).value)`
    select ${compile(expression, asked)} as value from test_thing t order by thing_id`;

test("now is the moment at which the query began, and chance stays below one", async (t) => {
  const db = await someThings(t);
  assert.equal(await one(db, "SecondsDiff(GetDate(), AddMinutes(GetDate(), -2))"), 120);
  assert.equal(await one(db, "DaysOld(SubDays(GetDate(), 3)) = 3 and YearsOld(AddYears(GetDate(), 2)) = -2"), true);
  assert.equal(await one(db, "DaysAgo(0) = DateOnly(GetDate()) and MonthsAgo(12) = SubYears(DaysAgo(0), 1)"), true);
  assert.deepEqual(await ids(db, "Random() >= 0 and Random() < 1 and Random() <> Random()"), [1, 2, 3]);
});

test("distances are kilometers over the surface of the earth", async (t) => {
  const db = await someThings(t);
  const [paris, newYork] = ["2.3522, 48.8566", "-74.006, 40.7128"];
  assert.equal(await one(db, `Round(Distance(${paris}, ${newYork}))`), 5837);
  assert.equal(await one(db, `Distance(${paris}, ${paris})`), 0);
  assert.equal(await one(db, "Round(Distance(0, 0, 180, 0))"), 20_015);
});

test("what the viewer may is asked of the viewer, what there is of the tables", async (t) => {
  const db = await someThings(t);
  const hasRight = (name: string): boolean => name === "export";
  assert.deepEqual(await ids(db, "hasNamedRight('export') and @id = 1", { hasRight }), [1]);
  assert.deepEqual(await ids(db, "hasNamedRight('admin')", { hasRight }), []);
  assert.throws(() => compile("hasNamedRight(@name)"), /is called as hasNamedRight\('right'\)/);
  await db.run`insert into xtk_folder (folder_id, parent_id, name, label, model) values (700, 0, 'f7', 'F', 'testThing'), (800, 0, 'f8', 'F', 'testThing')`;
  assert.equal(await one(db, "DefaultFolder('testThing')"), 700);
  assert.equal(await one(db, "DefaultFolder('nothing')"), 0);
  await db.run`insert into xtk_package (namespace, name) values ('cus', 'offers')`;
  assert.equal(await one(db, "HasPackage('cus:offers') and not HasPackage('cus:other')"), true);
});

test("rows are numbered within what they have in common, where an answer is made", async (t) => {
  const db = await someThings(t);
  const numbered = (expression: string): Promise<unknown[]> =>
    db.rows((row) => Object.values(row as object))`
      select thing_id, ${compile(expression, { windows: "allowed" })} as n from test_thing t order by 1`;
  assert.deepEqual(await numbered("RowNum(OrderBy(Desc(@id)))"), [
    [1, 3],
    [2, 2],
    [3, 1],
  ]);
  assert.deepEqual(await numbered("RowNum(PartitionBy(Left(@name, 1)), OrderBy(Desc(@name), @id))"), [
    [1, 1],
    [2, 1],
    [3, 2],
  ]);
  assert.deepEqual(new Set((await numbered("RowId")).map((row) => (row as unknown[])[1])), new Set([1, 2, 3]));
  assert.throws(() => compile("RowId = 1"), /RowId numbers the rows of an answer/);
  for (const expression of ["Desc(@id)", "OrderBy(@id)", "When(true, 1)", "Iif(true, Else(1), 2)", "RowNum(Desc(@id))"])
    assert.throws(() => compile(expression, { windows: "allowed" }), /can only stand in/, expression);
  assert.throws(() => compile("RowNum(OrderBy(RowId))", { windows: "allowed" }), /within another window/);
  assert.throws(() => compile("RowNum()", { windows: "allowed" }), /is called as RowNum/);
});

test("functions of Classic's that are not to be had are refused by name, with the reason", () => {
  const refused = functions.filter((declaration) => "refused" in declaration).map(({ name }) => name);
  assert.deepEqual(refused.sort(), ["ConvertCurrency", "CounterValue", "FormatCurrency", "GetMirrorURL"]);
  for (const name of refused)
    assert.throws(() => compile(`${name}('x') = 1`), new RegExp(`${name} is not available\\. [A-Z].{30,}\\.`));
});

test("every function says how it is called, in a sentence each, and no name is taken twice", () => {
  const names = functions.map(({ name }) => name.toLowerCase());
  assert.equal(new Set(names).size, names.length);
  for (const declaration of functions) {
    assert.ok(declaration.usage.startsWith(declaration.name), declaration.name);
    if ("refused" in declaration) continue;
    assert.match(declaration.answers, /^[A-Z-].*\.$/, declaration.name);
    assert.throws(
      () => compile(`${declaration.name}(@id, @id, @id, @id, @id, @id)`, { windows: "allowed", aggregates: "allowed" }),
      /is called as|can only stand in/,
      declaration.name,
    );
  }
});

test("times and UUIDs compare with texts that are some, and with no others", async (t) => {
  const db = await someThings(t);
  assert.deepEqual(await ids(db, "@code = '123E4567E89B12D3A456426614174000'"), [1]);
  assert.deepEqual(await ids(db, "@code in ('123e4567-e89b-12d3-a456-426614174000')"), [1]);
  assert.deepEqual(await ids(db, "@code is null and ToString(@id) <> ''"), [2, 3]);
  assert.deepEqual(await ids(db, "@at > #10:00# and @at <= '10:03:00' and Hour(@at) = 10"), [1]);
  assert.throws(() => compile("@code = 'x'"), /It compares a UUID with a text/);
  assert.throws(() => compile("@at = '25:00'"), /Write times as #10:03:33#/);
  assert.throws(() => compile("@at = #24:00#"), /is no date/);
});

test("documents can be searched and found empty, binary data measured, secrets only found there", async (t) => {
  const db = await someThings(t);
  assert.deepEqual(await ids(db, "settings is not null and MemoContains(settings, 'red')"), [1]);
  assert.deepEqual(await ids(db, "settings is null"), [2, 3]);
  assert.deepEqual(await ids(db, "content like '%Hello%' or content = ''"), [1, 2, 3]);
  assert.deepEqual(await ids(db, "dataLength(@image) = 2 and dataLength(content) = 12"), [1]);
  assert.deepEqual(await ids(db, "@password is not null"), [1]);
  assert.deepEqual(await ids(db, "@password = ''"), [2, 3]);
  for (const expression of [
    "@password = 'secret'",
    "'secret' = @password",
    "@password < 'secret'",
    "@password in ('secret')",
    "@password like 's%'",
    "'s' like @password",
    "@password = @password",
    "@password + 'x' = 'y'",
    "Upper(@password) = 'x'",
    "Length(@password) = 6",
    "dataLength(@password) = 6",
    "MemoContains(@password, 's')",
    "ToString(@password) = 's'",
    "Coalesce(@password, 'x') = 'x'",
    "NoNull(@password) = 'x'",
    "Iif(true, @password, 'x') = 'x'",
    "Iif(true, @password, @password) = 'x'",
    "Case(When(true, @password)) = 'x'",
    "Count(@password) = 1",
    "Countdistinct(@password) = 1",
    "Max(@password) = 'x'",
    "Md5Digest(@password) = 'x'",
    "Greatest(@password, @password) = 'x'",
    "RowNum(OrderBy(@password)) = 1",
    "IsEmptyString(@password, 1, 2) = 1",
  ])
    assert.throws(
      () => compile(expression, { aggregates: "allowed", windows: "allowed" }),
      /XTK|Unable to parse/,
      expression,
    );
  assert.throws(() => compile("settings = 'x'"), /A document cannot be compared/);
  assert.throws(() => compile("@image = 'x'"), /Binary data cannot be compared/);
});

test("a computed field that loops, or is not what it is declared as, is refused by name", async (t) => {
  const db = await someThings(t);
  assert.throws(() => compile("@loop > 1"), /computed field @loop .*in a loop/);
  assert.throws(() => compile("@odd is null"), /@odd is declared as a date and computes a text/);
  assert.throws(
    () => compile("@broken = 1"),
    /computed field @broken cannot be computed: .*has no field 'noSuchField'/,
  );
  assert.deepEqual(await ids(db, "@half = 1"), [2, 3], "a whole number has no decimals");
});

test("the name of an enumeration's value is answered by the value to write", () => {
  assert.throws(() => compile("@gender = 'male'"), /Write the value, not its name: 1 male\./);
  assert.throws(() => compile("@gender in ('male')"), /Write the value, not its name/);
});

test("whole numbers keep all 64 bits, and what is beyond them is an error", async (t) => {
  const db = await someThings(t);
  await db.run`update test_thing set thing_id = 9223372036854775807 where thing_id = 3`;
  const largest = "9223372036854775807";
  const count = async (where: string): Promise<number> =>
    Number(
      await db.first((row) => (row as { n: number }).n)`select count(*) as n from test_thing t where ${compile(where)}`,
    );
  assert.equal(await count(`@id = ${largest} and @id <> 9223372036854775806`), 1);
  assert.equal(await count(`@id in (5, ${largest})`), 1);
  assert.equal(await count(`@id > ${largest} - 1`), 1);
  assert.equal(await count(`Round(@id, -3) > 0 or @id > 0 and Abs(@id) = @id`).catch(() => -1), -1);
  assert.throws(() => compile("@id = 9223372036854775808"), /too large/);
  assert.throws(() => compile(`@id = 1${"0".repeat(5000)}`), /too large/);
  assert.throws(() => compile("@id = 1e999"), /too large/);
});

test("parameters may be paths, where a query stands around", async (t) => {
  const db = await someThings(t);
  assert.deepEqual(await ids(db, "@id = $long(@gender) + 2"), [2]);
  assert.deepEqual(await ids(db, "$string([@name]) = 'two'"), [2]);
  assert.throws(() => compile("$date(@name) is null"), /\$date\(@name\) is a text, not a date/);
  assert.throws(() => compile("$nonsense(@name) is null"), /no parameter type/);
  const parameters = { text: "x".repeat(1_000_000), half: "\ud800", at: "10:03", big: "9223372036854775807" };
  assert.throws(() => compile("@name = $(text)", { parameters }), /\$\(text\) has more than 100000 characters/);
  assert.throws(() => compile("@name = $(half)", { parameters }), /\$\(half\) holds a NUL character or half/);
  assert.deepEqual(await ids(db, "@at = $time(at) and @id < $int64(big)", { parameters }), [1]);
});
