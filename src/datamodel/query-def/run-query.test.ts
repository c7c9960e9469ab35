import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { aDatabase } from "#test/support/database.ts";

import { server } from "../viewer.ts";
import { describeSql } from "./describe-sql.ts";
import type { Condition, QueryDef } from "./query-def.ts";
import type { QueryOptions } from "./query-options.ts";
import { runQuery } from "./run-query.ts";

async function someData(db: Database): Promise<void> {
  await db.run`
    insert into xtk_folder (folder_id, parent_id, name, label) values
      (500, 1, 'customers', 'Customers'), (501, 500, 'best', 'The best')`;
  await db.run`
    insert into nms_recipient (recipient_id, folder_id, email, first_name, last_name, birth_date, created, gender, city) values
      (1, 500, 'ana@example.org', 'Ana', 'Zola', '1990-05-17', '2021-07-07T10:03:33.332123Z', 2, 'Lyon'),
      (2, 501, 'bob@example.com', 'Bob', 'Young', '1970-01-01', '2021-07-07T23:30:00Z', 1, 'Paris'),
      (3, 0, null, '', null, null, '2022-01-01T00:00:00Z', 0, null)`;
  await db.run`insert into nms_group (group_id, name, label) values (10, 'news', 'News'), (11, 'shop', 'Shop'), (12, 'empty', 'Empty')`;
  await db.run`insert into nms_rcp_grp_rel (group_id, recipient_id) values (10, 1), (11, 1), (10, 2)`;
}

const where = (...expressions: string[]): Condition[] => expressions.map((expr) => ({ kind: "expression", expr }));
const nodes = (...expressions: string[]): QueryDef["select"] => expressions.map((expr) => ({ expr }));

async function select(
  db: Database,
  query: Partial<QueryDef>,
  options: QueryOptions = {},
): Promise<readonly (readonly unknown[])[]> {
  const result = await runQuery(
    { db, schemas: builtInSchemas, viewer: server },
    { schema: "nms:recipient", operation: "select", select: nodes("@id"), ...query },
    options,
  );
  return result.kind === "rows" ? result.rows : [[result.count]];
}

test("a query answers fields, links, expressions and aliases at their places", async (t) => {
  const db = await aDatabase(t);
  await someData(db);
  const result = await runQuery(
    { db, schemas: builtInSchemas, viewer: server },
    {
      schema: "nms:recipient",
      operation: "select",
      select: [
        ...nodes(
          "@id",
          "location/@city",
          "[folder/@name]",
          "[folder/parent/@name]",
          "@created",
          "@birthDate",
          "Upper(@firstName)",
        ),
        { expr: "[folder/@label]", alias: "@folderLabel" },
        { expr: "[folder/@label]", alias: "../@up" },
        { expr: "@gender", isAnalyzed: true },
      ],
      orderBy: [{ expr: "@id" }],
    },
  );
  assert.ok(result.kind === "rows");
  assert.deepEqual(
    result.columns.map(({ path, type }) => `${path} ${type}`),
    [
      "@id int64",
      "location/@city string",
      "folder/@name string",
      "folder/parent/@name string",
      "@created datetime",
      "@birthDate date",
      "@expr7 string",
      "@folderLabel string",
      "@up string",
      "@gender byte",
      "@genderName string",
      "@genderLabel string",
    ],
  );
  assert.deepEqual(result.rows[0], [
    1,
    "Lyon",
    "customers",
    "nmsRootFolder",
    new Date("2021-07-07T10:03:33.332Z"),
    "1990-05-17",
    "ANA",
    "Customers",
    "Customers",
    2,
    "female",
    "Female",
  ]);
  assert.deepEqual(result.rows[2]?.slice(0, 6), [3, null, null, null, new Date("2022-01-01T00:00:00Z"), null]);
});

test("conditions hold side by side, by OR, in groups and negated", async (t) => {
  const db = await aDatabase(t);
  await someData(db);
  const ids = async (...conditions: Condition[]): Promise<unknown[]> =>
    (await select(db, { where: conditions, orderBy: [{ expr: "@id" }] })).map(([id]) => id);
  assert.deepEqual(await ids(...where("@gender > 0", "location/@city = 'Paris'")), [2]);
  assert.deepEqual(
    await ids(
      { kind: "expression", expr: "@id = 1", isOrNext: true },
      { kind: "expression", expr: "@id = 3" },
      { kind: "expression", expr: "@gender = 0" },
    ),
    [1, 3],
  );
  assert.deepEqual(
    await ids({
      kind: "group",
      isNegated: true,
      conditions: [{ kind: "expression", expr: "@id = 1", isOrNext: true }, ...where("@id = 2")],
    }),
    [3],
  );
  assert.deepEqual(await ids({ kind: "group", conditions: [] }, ...where("@id = 2")), [2]);
  assert.deepEqual(await ids({ kind: "exists", expr: "rcpGrpRel", conditions: where("[group/@name] = 'shop'") }), [1]);
  assert.deepEqual(await ids({ kind: "exists", expr: "rcpGrpRel", conditions: [], isNegated: true }), [3]);
  assert.deepEqual(await ids({ kind: "exists", expr: "folder", conditions: where("@name = 'best'") }), [2]);
  assert.deepEqual(await ids({ kind: "exists", expr: "[rcpGrpRel/group]", conditions: where("@name = 'shop'") }), [1]);
  const shop = {
    schema: "nms:rcpGrpRel",
    operation: "select",
    select: nodes("[@recipient-id]"),
    where: where("[group/@name] = 'shop'"),
  } as const;
  assert.deepEqual(await ids({ kind: "in", expr: "@id", subQuery: shop }), [1]);
  assert.deepEqual(await ids({ kind: "in", expr: "@id", subQuery: shop, isNegated: true }), [2, 3]);
  assert.deepEqual(
    await ids({
      kind: "in",
      expr: "'news'",
      subQuery: { ...shop, select: nodes("[group/@name]"), where: where("[@recipient-id] = [../@id]") },
    }),
    [1, 2],
  );
  assert.deepEqual(
    await ids({
      kind: "exists",
      expr: "rcpGrpRel",
      conditions: where("[@recipient-id] = $long(../@id) and [@group-id] = 11"),
    }),
    [1],
  );
});

test("links to many multiply rows, are counted by group, or are lists within the row", async (t) => {
  const db = await aDatabase(t);
  await someData(db);
  assert.deepEqual(
    await select(db, {
      select: nodes("@id", "[rcpGrpRel/group/@name]"),
      orderBy: [{ expr: "@id" }, { expr: "[rcpGrpRel/group/@name]" }],
    }),
    [
      [1, "news"],
      [1, "shop"],
      [2, "news"],
      [3, null],
    ],
  );
  assert.deepEqual(
    await select(db, {
      schema: "nms:group",
      select: [
        { expr: "@name", isGroupedBy: true },
        { expr: "Count([rcpGrpRel/@recipient-id])", alias: "@total" },
      ],
      having: where("@total > 0"),
      orderBy: [{ expr: "@total", isDescending: true }],
    }),
    [
      ["news", 2],
      ["shop", 1],
    ],
  );
  assert.deepEqual(
    await select(db, {
      select: [
        { expr: "@id" },
        {
          expr: "rcpGrpRel",
          nested: {
            select: nodes("[group/@name]", "[group/@created]"),
            where: where("[group/@name] <> 'shop'"),
            orderBy: [{ expr: "[group/@name]" }],
          },
        },
      ],
      where: where("@id < 2"),
    }).then((rows) =>
      rows.map(([id, list]) => [id, (list as unknown[][]).map(([name, created]) => [name, created instanceof Date])]),
    ),
    [[1, [["news", true]]]],
  );
  assert.deepEqual(await select(db, { operation: "count", select: nodes("[rcpGrpRel/@group-id]") }), [[4]]);
  assert.deepEqual(await select(db, { operation: "count" }), [[3]]);
  assert.deepEqual(await select(db, { operation: "count", select: nodes("[folder/@name]"), isDistinct: true }), [[3]]);
  assert.match(
    describeSql(
      { schemas: builtInSchemas, viewer: server },
      {
        schema: "nms:recipient",
        operation: "count",
        select: nodes("[folder/@name]"),
        where: where("@email = 'o\\'neil'"),
      },
    ),
    /^select count\(\*\) as count from "nms_recipient" as "t" where \("t"."email" = 'o''neil'::text\)$/,
  );
});
