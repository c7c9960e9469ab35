import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { builtInSchemas, type SchemaSet } from "#schemas/schema-set.ts";
import { defineSchema } from "#schemas/schema.ts";
import { aDatabase } from "#test/support/database.ts";

import { server } from "../viewer.ts";
import { describeSql } from "./describe-sql.ts";
import type { QueryDef, QueryResult } from "./query-def.ts";
import type { QueryOptions } from "./query-options.ts";
import { runQuery } from "./run-query.ts";
import { selectAll } from "./select-all.ts";

const thing = defineSchema({
  namespace: "cus",
  name: "thing",
  label: "Things",
  labelSingular: "Thing",
  table: "cus_thing",
  attributes: {
    id: { type: "int64", column: "thing_id", label: "Id" },
    "next-id": { type: "int64", column: "next_id", label: "Next", default: 0 },
    moment: { type: "datetime", column: "moment", label: "Moment" },
    day: { type: "date", column: "a_day", label: "Day" },
    clock: { type: "time", column: "clock", label: "Clock" },
    span: { type: "timespan", column: "span", label: "Span" },
    mark: { type: "uuid", column: "mark", label: "Mark" },
    bytes: { type: "blob", column: "bytes", label: "Bytes" },
    settings: { type: "json", column: "settings", label: "Settings" },
    page: { type: "xml", column: "page", label: "Page" },
    "body/text": { type: "memo", column: "body_text", label: "Text", isElement: true },
    isOn: { type: "boolean", column: "is_on", label: "On", default: false },
    ratio: { type: "double", column: "ratio", label: "Ratio" },
    token: { type: "string", column: "token", label: "Token", isInternal: true },
    data: { type: "json", column: "data", label: "Data", isInternal: true },
  },
  dataFields: {
    note: { type: "string", label: "Note", default: "none" },
    "place/floor": { type: "long", label: "Floor" },
    since: { type: "datetime", label: "Since" },
  },
  computedFields: {
    double: { type: "double", label: "Doubled", expression: "@ratio * 2" },
    above: { type: "double", label: "The next one's", expression: "[next/@double] + 1" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    next: { label: "Next", target: "cus:thing", cardinality: "one", join: [{ from: "next-id", to: "id" }] },
    earlier: { label: "Earlier", target: "cus:thing", cardinality: "many", join: [{ from: "id", to: "next-id" }] },
    loud: {
      label: "Loud",
      target: "cus:thing",
      cardinality: "many",
      join: [{ from: "id", to: "next-id" }],
      where: "@isOn = true AND [next/@isOn] = false",
    },
  },
  computeString: "ToString(@id) + ': ' + @note",
});

const schemas: SchemaSet = {
  find: (id) => (id === "cus:thing" ? thing : builtInSchemas.find(id)),
  all: () => [thing],
  version: "test",
};

async function someThings(db: Database): Promise<void> {
  await db.run`
    create table cus_thing (
      thing_id bigint primary key, next_id bigint not null default 0, moment timestamptz, a_day date, clock time, span bigint,
      mark uuid, bytes bytea, settings jsonb, page text, body_text text, is_on boolean not null default false,
      ratio double precision, token text, data jsonb not null default '{}')`;
  await db.run`
    insert into cus_thing values
      (1, 2, '2024-02-29T12:30:00.5Z', '2024-02-29', '08:15', 3600, '6f1a5e0c-52f6-4c0a-9f5e-0123456789ab', '\\x00ff10',
       '{"a": [1, "x"]}', '<page><b>1</b></page>', 'some text', true, 1.5, 'tok',
       '{"note": "a note", "place/floor": 3, "since": "2020-01-01T00:00:00Z"}'),
      (2, 0, null, null, null, null, null, null, null, null, null, false, 2, null, '{}'),
      (3, 2, null, null, null, null, null, null, null, null, '', false, null, null, '{"note": ""}')`;
}

async function ask(
  db: Database,
  query: Partial<QueryDef>,
  options: QueryOptions = {},
): Promise<Extract<QueryResult, { kind: "rows" }>> {
  const result = await runQuery(
    { db, schemas, viewer: server },
    { schema: "cus:thing", operation: "select", select: [{ expr: "@id" }], orderBy: [{ expr: "@id" }], ...query },
    options,
  );
  assert.ok(result.kind === "rows");
  return result;
}

function byPath({
  columns,
  rows,
}: {
  columns: QueryResult extends never ? never : readonly { path: string }[];
  rows: readonly (readonly unknown[])[];
}): Record<string, unknown>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ path }, index) => [path, row[index]])));
}

const whole = {
  "@id": 1,
  "@next-id": 2,
  "@moment": new Date("2024-02-29T12:30:00.500Z"),
  "@day": "2024-02-29",
  "@clock": "08:15:00",
  "@span": 3600,
  "@mark": "6f1a5e0c-52f6-4c0a-9f5e-0123456789ab",
  "@bytes": "AP8Q",
  settings: { a: [1, "x"] },
  page: "<page><b>1</b></page>",
  "body/text": "some text",
  "@isOn": true,
  "@ratio": 1.5,
  "@note": "a note",
  "place/@floor": 3,
  "@since": new Date("2020-01-01T00:00:00Z"),
  "@double": 3,
  "@above": 5,
};

test("selectAll answers every field of every type, wherever it is kept, and nothing internal", async (t) => {
  const db = await aDatabase(t);
  await someThings(db);
  const [row] = byPath(await ask(db, { select: selectAll(thing), where: [{ kind: "expression", expr: "@id = 1" }] }));
  assert.deepEqual(row, whole);
});

test("values of nested rows are the same as those of rows, to any depth", async (t) => {
  const db = await aDatabase(t);
  await someThings(db);
  const nested = {
    select: [
      ...selectAll(thing),
      {
        expr: "next",
        nested: {
          select: [
            {
              expr: "earlier",
              nested: { select: [{ expr: "@id" }], orderBy: [{ expr: "@id", isDescending: true }], lineCount: 1 },
            },
          ],
        },
      },
    ],
  };
  const result = await ask(db, {
    where: [{ kind: "expression", expr: "@id = 2" }],
    select: [{ expr: "earlier", nested: { ...nested, orderBy: [{ expr: "@id" }] } }],
  });
  const [list] = result.rows[0] ?? [];
  const columns = result.columns[0]?.nested ?? [];
  assert.deepEqual(byPath({ columns, rows: list as unknown[][] })[0], { ...whole, "next/earlier": [[3]] });
});

test("conditions and orders read data fields, computed fields and elements", async (t) => {
  const db = await aDatabase(t);
  await someThings(db);
  const ids = async (expr: string): Promise<unknown[]> =>
    (await ask(db, { where: [{ kind: "expression", expr }] })).rows.flat();
  assert.deepEqual(await ids("@note = 'a note' AND [place/@floor] > 2"), [1]);
  assert.deepEqual(await ids("@note = 'none'"), [2], "a default stands for what is not there");
  assert.deepEqual(await ids("@note = ''"), [3]);
  assert.deepEqual(await ids("@above = 5"), [1, 3]);
  assert.deepEqual(await ids("[next/@note] = 'none'"), [1, 3]);
  assert.deepEqual(await ids("[body/text] LIKE '%text'"), [1]);
  assert.deepEqual(await ids("@since < #2021-01-01#"), [1]);
  const sorted = await ask(db, { orderBy: [{ expr: "@double", isDescending: true }, { expr: "@note" }], lineCount: 9 });
  assert.deepEqual(sorted.rows.flat(), [3, 2, 1]);
});

test("a link's own condition holds wherever the link is followed", async (t) => {
  const db = await aDatabase(t);
  await someThings(db);
  assert.deepEqual((await ask(db, { select: [{ expr: "@id" }, { expr: "[loud/@id]" }] })).rows, [
    [1, null],
    [2, 1],
    [3, null],
  ]);
  assert.deepEqual((await ask(db, { where: [{ kind: "exists", expr: "loud", conditions: [] }] })).rows, [[2]]);
  assert.deepEqual((await ask(db, { select: [{ expr: "loud", nested: { select: [{ expr: "@id" }] } }] })).rows, [
    [[]],
    [[[1]]],
    [[]],
  ]);
});

test("rows are called by their text where it is asked for", async (t) => {
  const db = await aDatabase(t);
  await someThings(db);
  const result = await ask(
    db,
    {
      select: [{ expr: "next" }, { expr: "[next/@_cs]", alias: "@nextText" }],
      where: [{ kind: "expression", expr: "@id = 1" }],
    },
    { hasComputeString: true },
  );
  assert.deepEqual(byPath(result), [
    { "next/@id": 2, "next/@_cs": "2: none", "@nextText": "2: none", "@_cs": "1: a note" },
  ]);
});

test("groups of fields and links to one row spread into their values; aliases move them", async (t) => {
  const db = await aDatabase(t);
  await someThings(db);
  const one = [{ kind: "expression", expr: "@id = 1" }] as const;
  const paths = async (select: QueryDef["select"]): Promise<unknown> => byPath(await ask(db, { select, where: one }));
  assert.deepEqual(await paths([{ expr: "place" }, { expr: "body", alias: "content" }]), [
    { "place/@floor": 3, "content/text": "some text" },
  ]);
  assert.deepEqual(await paths([{ expr: "place", nested: { select: [{ expr: "@floor", alias: "@f" }] } }]), [
    { "@f": 3 },
  ]);
  assert.deepEqual(
    await paths([
      {
        expr: "next",
        nested: {
          select: [{ expr: "@ratio * 10", alias: "@tenfold" }, { expr: "@id" }, { expr: "[../@id]", alias: "@of" }],
        },
      },
    ]),
    [{ "next/@tenfold": 20, "next/@id": 2, "next/@of": 1 }],
  );
  assert.deepEqual(await paths([{ expr: "next", alias: "following", nested: { select: [{ expr: "@id" }] } }]), [
    { "following/@id": 2 },
  ]);
  assert.deepEqual(await paths([{ expr: "@id" }, { expr: "[@id]" }]), [{ "@id": 1 }], "the same value twice is one");
  await assert.rejects(paths([{ expr: "@id" }, { expr: "@ratio", alias: "@id" }]), /two values would stand at @id/);
  for (const alias of ["a b", '@x"', "a/@b/c", "x;", "<b>", "@", "a".repeat(400), "../"])
    await assert.rejects(paths([{ expr: "@id", alias }]), /is no path such as/, alias);
});

test("queries that cannot be answered are refused with what is wrong", async (t) => {
  const db = await aDatabase(t);
  await someThings(db);
  const refusal = async (query: Partial<QueryDef>): Promise<string> => {
    try {
      await ask(db, query);
      return "";
    } catch (error) {
      if (isPostriderError(error)) return `${error.code} ${error.message}`;
      throw error;
    }
  };
  assert.match(
    await refusal({ operation: "get", where: [{ kind: "expression", expr: "@id = 99" }] }),
    /^XTK-170904 No row of cus:thing/,
  );
  assert.equal(await refusal({ operation: "getIfExists", where: [{ kind: "expression", expr: "@id = 99" }] }), "");
  assert.match(await refusal({ select: [] }), /selects nothing/);
  assert.match(
    await refusal({ select: [{ expr: "@id" }, { expr: "Count(@id)" }], orderBy: [] }),
    /not everything that is selected/,
  );
  assert.match(
    await refusal({ select: [{ expr: "@ratio" }], isDistinct: true }),
    /can only be sorted by what is selected/,
  );
  assert.match(await refusal({ where: [{ kind: "expression", expr: "Count(@id) > 1" }] }), /XTK-170036/);
  assert.match(await refusal({ where: [{ kind: "expression", expr: "@id" }] }), /not a condition/);
  assert.match(await refusal({ where: [{ kind: "exists", expr: "@id", conditions: [] }] }), /name of a link/);
  assert.match(
    await refusal({ where: [{ kind: "exists", expr: "..", conditions: [] }] }),
    /out of the query|name of a link/,
  );
  assert.match(
    await refusal({ select: [{ expr: "[nms:recipient:@email]" }] }),
    /no link leads to cannot be joined; use IN/,
  );
  assert.match(await refusal({ select: [{ expr: "earlier[1]" }] }), /XTK-1700/);
  assert.match(await refusal({ orderBy: [{ expr: "page" }] }), /cannot be sorted by a document/);
  const subQuery: QueryDef = {
    schema: "cus:thing",
    operation: "select",
    select: [{ expr: "@id" }, { expr: "@ratio" }],
  };
  assert.match(await refusal({ where: [{ kind: "in", expr: "@id", subQuery }] }), /selects exactly one value/);
  assert.match(
    await refusal({ where: [{ kind: "in", expr: "@note", subQuery: { ...subQuery, select: [{ expr: "@id" }] } }] }),
    /It is a text, the sub-query selects a whole number/,
  );
  assert.match(
    await refusal({ select: [{ expr: "@ratio * @id * 9007199254740991 * 9007199254740991 * 1e300" }] }),
    /^(XTK-170907|$)/,
  );
  assert.equal((await refusal({ where: [{ kind: "expression", expr: "@nothing = 1" }] })).includes("cus_thing"), false);
  const deep = (depth: number): QueryDef => ({
    schema: "cus:thing",
    operation: "select",
    select: [{ expr: "@id" }],
    where: depth === 0 ? [] : [{ kind: "in", expr: "@id", subQuery: deep(depth - 1) }],
  });
  assert.equal(await refusal(deep(15)), "");
  assert.match(await refusal(deep(200)), /^XTK-170901 .*nested more than/);
  const wide = Array.from({ length: 5_000 }, () => ({ kind: "expression", expr: "@id > 0" }) as const);
  assert.equal(await refusal({ where: wide }), "");
  assert.match(await refusal({ select: [{ expr: `[${"next/".repeat(30)}@id]` }] }), /more than 10 links/);
  assert.match(
    await refusal({ select: Array.from({ length: 3_000 }, (_, index) => ({ expr: `@id + ${index}` })) }),
    /more than 1000 values/,
  );
});

test("names that hold SQL are names that no schema has", async (t) => {
  const db = await aDatabase(t);
  await someThings(db);
  const hostile = [
    '@id"; drop table cus_thing; --',
    "@id) or (1=1",
    "[@id' or '1'='1]",
    "@id desc nulls first",
    "pg_sleep(10)",
    'next"/@id',
    "(select 1)",
    "@id\0",
    "\ud800",
    "$$x$$",
  ];
  for (const text of hostile) {
    for (const query of [
      { select: [{ expr: text }] },
      { where: [{ kind: "expression", expr: text }] },
      { orderBy: [{ expr: text }] },
      { select: [{ expr: "Count(@id)" }], groupBy: [text], orderBy: [] },
      { having: [{ kind: "expression", expr: text }] },
      { where: [{ kind: "exists", expr: text, conditions: [] }] },
      { schema: text },
    ] satisfies Partial<QueryDef>[])
      await assert.rejects(ask(db, query), (error) => isPostriderError(error), JSON.stringify(query));
  }
  const values = [
    "'); drop table cus_thing; --",
    "\\",
    "E'\\''",
    "U&'\\0027'",
    "＇ or 1=1",
    "$1",
    "%",
    "a".repeat(50_000),
  ];
  for (const value of values) {
    const found = await ask(
      db,
      { where: [{ kind: "expression", expr: "@note = $(v)" }] },
      { parameters: { v: value } },
    );
    assert.deepEqual(found.rows, []);
    if (value.length < 100) {
      const shown = describeSql(
        { schemas, viewer: server },
        { schema: "cus:thing", operation: "count", select: [], where: [{ kind: "expression", expr: "@note = $(v)" }] },
        { parameters: { v: value } },
      );
      const { sql } = await import("#foundation/sql.ts");
      assert.deepEqual(await db.rows((row) => row)`${sql.raw(shown)}`, [{ count: 0 }], value);
    }
  }
  const huge = [{ kind: "expression", expr: `@note = '${"a".repeat(1_000_000)}'` }] as const;
  await assert.rejects(ask(db, { where: huge }), (error) => isPostriderError(error) && error.code === "XTK-170901");
  assert.equal((await ask(db, {})).rows.length, 3);
});

test("a query that takes too long is ended, and can write nothing", async (t) => {
  const db = await aDatabase(t);
  await db.run`insert into nms_recipient (recipient_id) select generate_series(1, 3000)`;
  const begunMs = performance.now();
  const slow: QueryDef = {
    schema: "nms:recipient",
    operation: "count",
    select: [],
    where: [
      {
        kind: "in",
        expr: "@id",
        isNegated: true,
        subQuery: {
          schema: "nms:recipient",
          operation: "select",
          select: [{ expr: "@id * [../@id] * 1" }],
          where: [{ kind: "expression", expr: "@id * [../@id] < 0 OR Md5Digest(ToString(@id + [../@id])) = 'x'" }],
        },
      },
    ],
  };
  await assert.rejects(
    runQuery({ db, schemas, viewer: server }, slow, { timeoutMs: 200 }),
    (error) => isPostriderError(error) && error.code === "XTK-170906" && /within 0.2 s/.test(error.message),
  );
  assert.ok(performance.now() - begunMs < 3_000);
  assert.equal(
    (await runQuery({ db, schemas, viewer: server }, { ...slow, where: [] }, { timeoutMs: 5_000 })).kind,
    "count",
  );
});
