import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { sql } from "#foundation/sql.ts";
import { recipient } from "#schemas/recipient.ts";
import { builtInSchemas, type SchemaSet } from "#schemas/schema-set.ts";
import { defineSchema, type Schema } from "#schemas/schema.ts";
import { aDatabase } from "#test/support/database.ts";

import { compileQuery } from "../query-def/compile-query.ts";
import { describeSql } from "../query-def/describe-sql.ts";
import type { Condition, QueryDef } from "../query-def/query-def.ts";
import { runQuery } from "../query-def/run-query.ts";
import type { Viewer } from "../viewer.ts";
import { rowRights } from "./row-rights.ts";

const admin: Viewer = { operatorId: 1, login: "admin", rights: ["admin"], groupIds: [], folderId: 0, timezone: "UTC" };
const ana: Viewer = { operatorId: 7, login: "ana", rights: ["export"], groupIds: [70], folderId: 0, timezone: "UTC" };

/**
 * Folders 100 > 110 > 120, and 200 beside 100. Ana reads 100 and below by her group, not 110, but 120 again by herself.
 * Recipient N00 lies in folder N00, recipient 1 in the root.
 */
async function someFolders(db: Database): Promise<void> {
  await db.run`delete from xtk_folder_right`;
  await db.run`
    insert into xtk_folder (folder_id, parent_id, name, label) values
      (100, 0, 'a', 'A'), (110, 100, 'aa', 'AA'), (120, 110, 'aaa', 'AAA'), (200, 0, 'b', 'B'), (130, 120, 'aaaa', 'AAAA')`;
  await db.run`
    insert into xtk_folder_right (folder_id, operator_id, group_id, can_read, can_write, can_delete) values
      (0, 9, 0, true, true, true), (100, 0, 70, true, false, false), (110, 9, 0, true, true, true),
      (120, 7, 0, true, true, false)`;
  await db.run`
    insert into nms_recipient (recipient_id, folder_id, email, last_name, gender)
    select id, case when id = 1 then 0 else id end, 'r' || id || '@example.org', 'Name ' || id, id % 3
      from unnest(array[1, 100, 110, 120, 130, 200]) as id`;
  await db.run`insert into nms_group (group_id, folder_id, name, label) values (1, 100, 'seen', 'Seen'), (2, 200, 'unseen', 'Unseen')`;
  await db.run`
    insert into nms_rcp_grp_rel (group_id, recipient_id) values (1, 100), (1, 110), (1, 200), (2, 100), (2, 120)`;
}

const where = (...expressions: string[]): Condition[] => expressions.map((expr) => ({ kind: "expression", expr }));

async function answer(
  db: Database,
  viewer: Viewer,
  query: Partial<QueryDef>,
  schemas: SchemaSet = builtInSchemas,
): Promise<unknown> {
  const result = await runQuery(
    { db, schemas, viewer },
    { schema: "nms:recipient", operation: "select", select: [{ expr: "@id" }], orderBy: [{ expr: "@id" }], ...query },
  );
  return result.kind === "rows" ? result.rows : result.count;
}

const ids = async (...of: Parameters<typeof answer>): Promise<unknown> => ((await answer(...of)) as unknown[][]).flat();

test("rights on folders are inherited, replaced by a folder's own, and given to operators, groups or everyone", async (t) => {
  const db = await aDatabase(t);
  await someFolders(db);
  assert.deepEqual(await ids(db, admin, {}), [1, 100, 110, 120, 130, 200]);
  assert.deepEqual(await ids(db, ana, {}), [100, 120, 130]);
  assert.deepEqual(await ids(db, { ...ana, groupIds: [] }, {}), [120, 130]);
  assert.deepEqual(await ids(db, { ...ana, operatorId: 9, groupIds: [] }, {}), [1, 110, 200]);
  assert.deepEqual(await ids(db, { ...ana, operatorId: 8, groupIds: [] }, {}), []);
  assert.deepEqual(await ids(db, { ...ana, folderId: 120 }, {}), [120, 130], "confined to a folder");
  assert.deepEqual(await ids(db, { ...ana, folderId: 200 }, {}), [], "confinement gives no right");
  await db.run`insert into xtk_folder_right (folder_id, can_read) values (200, true)`;
  assert.deepEqual(await ids(db, { ...ana, operatorId: 8, groupIds: [] }, {}), [200], "everyone");
  assert.deepEqual(await ids(db, ana, { schema: "xtk:folder" }), [100, 120, 130, 200], "a folder has its own rights");
  await db.run`update xtk_folder set parent_id = 130 where folder_id = 120`;
  assert.deepEqual(await ids(db, ana, {}), [100, 200], "folders that do not hang on the root belong to nobody");
});

test("writing and deleting have rights of their own, which a condition for any statement answers", async (t) => {
  const db = await aDatabase(t);
  await someFolders(db);
  const allowed = async (purpose: "read" | "write" | "delete", viewer: Viewer): Promise<number[]> => {
    const right = rowRights({ schema: recipient, schemas: builtInSchemas, viewer, purpose, alias: "r" }) ?? sql`true`;
    return db.rows((row) => (row as { id: number }).id)`
      select r.recipient_id as id from nms_recipient as r where ${right} order by 1`;
  };
  assert.deepEqual(await allowed("read", ana), [100, 120, 130]);
  assert.deepEqual(await allowed("write", ana), [120, 130]);
  assert.deepEqual(await allowed("delete", ana), []);
  assert.equal((await allowed("delete", admin)).length, 6);
});

test("for administrators nothing is added to a query", () => {
  const query = { schema: "nms:rcpGrpRel", operation: "select", select: [{ expr: "[group/@name]" }] } as const;
  assert.doesNotMatch(describeSql({ schemas: builtInSchemas, viewer: admin }, query), /folder/);
  assert.match(describeSql({ schemas: builtInSchemas, viewer: ana }, query), /xtk_folder_right/);
});

/** What a query says when the rows that Ana may not read are there, and when they are not: S-14. */
test("a row without rights is as if it were not there, on every road", async (t) => {
  const db = await aDatabase(t);
  await someFolders(db);
  const relation = { schema: "nms:rcpGrpRel", operation: "select" } as const;
  const roads: Record<string, Partial<QueryDef>> = {
    select: { select: [{ expr: "@id" }, { expr: "@email" }] },
    "by key": { where: where("@id = 200"), orderBy: [] },
    getIfExists: { operation: "getIfExists", where: where("@id = 110"), orderBy: [] },
    count: { operation: "count" },
    "count of groups": { operation: "count", select: [{ expr: "@gender", isGroupedBy: true }] },
    aggregate: { select: [{ expr: "Count(@id)" }, { expr: "Max(@email)" }, { expr: "Min(@id)" }], orderBy: [] },
    "group by": {
      select: [
        { expr: "@gender", isGroupedBy: true },
        { expr: "Countdistinct(@email)", alias: "@n" },
      ],
      orderBy: [{ expr: "@gender" }],
    },
    "order by": { orderBy: [{ expr: "@lastName", isDescending: true }], lineCount: 3 },
    "analyzed enumeration": { select: [{ expr: "@id" }, { expr: "@gender", isAnalyzed: true }] },
    distinct: { select: [{ expr: "@gender" }], isDistinct: true, orderBy: [{ expr: "@gender" }] },
    link: {
      schema: "nms:rcpGrpRel",
      select: [{ expr: "[@group-id]" }, { expr: "[recipient/@email]" }, { expr: "[group/@label]" }],
      orderBy: [{ expr: "[@group-id]" }, { expr: "[recipient/@email]" }],
    },
    "condition on a link": {
      ...relation,
      select: [{ expr: "[@group-id]" }],
      where: where("[group/@name] LIKE '%unseen%'"),
      orderBy: [],
    },
    "order by a link": {
      ...relation,
      select: [{ expr: "[@group-id]" }],
      orderBy: [{ expr: "[group/@label]", isDescending: true }],
    },
    "link to many": {
      select: [{ expr: "@id" }, { expr: "[rcpGrpRel/group/@name]" }],
      orderBy: [{ expr: "@id" }, { expr: "[rcpGrpRel/group/@name]" }],
    },
    "count over a link": { operation: "count", select: [{ expr: "[rcpGrpRel/@group-id]" }] },
    "aggregate over a link": {
      select: [
        { expr: "@id", isGroupedBy: true },
        { expr: "Count([rcpGrpRel/@group-id])", alias: "@n" },
      ],
    },
    exists: { where: [{ kind: "exists", expr: "rcpGrpRel", conditions: where("[@group-id] = 2") }] },
    "exists through links": {
      where: [{ kind: "exists", expr: "[rcpGrpRel/group]", conditions: where("@name = 'unseen'") }],
    },
    "not exists": { where: [{ kind: "exists", expr: "rcpGrpRel", conditions: [], isNegated: true }] },
    "exists to one": { where: [{ kind: "exists", expr: "folder", conditions: where("@name = 'a'") }] },
    in: {
      where: [
        {
          kind: "in",
          expr: "@id",
          subQuery: { ...relation, select: [{ expr: "[@recipient-id]" }], where: where("[@group-id] = 2") },
        },
      ],
    },
    "not in": {
      where: [
        { kind: "in", isNegated: true, expr: "@id", subQuery: { ...relation, select: [{ expr: "[@recipient-id]" }] } },
      ],
    },
    "sub-query on a link": {
      where: [
        {
          kind: "in",
          expr: "'Unseen'",
          subQuery: { ...relation, select: [{ expr: "[group/@label]" }], where: where("[@recipient-id] = [../@id]") },
        },
      ],
    },
    nested: {
      select: [
        { expr: "@id" },
        { expr: "rcpGrpRel", nested: { select: [{ expr: "[@group-id]" }, { expr: "[group/@name]" }] } },
      ],
    },
    "nested behind an unreadable row": {
      schema: "xtk:folder",
      select: [{ expr: "@id" }, { expr: "recipient", nested: { select: [{ expr: "@id" }, { expr: "rcpGrpRel" }] } }],
      orderBy: [{ expr: "@id" }],
    },
    "text of a link": { select: [{ expr: "folder" }, { expr: "@_cs" }, { expr: "[folder/parent/@_cs]" }] },
    "computed over a link": { select: [{ expr: "@id" }, { expr: "Iif([folder/@name] = 'b', 1, 0)" }] },
  };
  const seen = new Map<string, unknown>();
  for (const [road, query] of Object.entries(roads)) seen.set(road, await answer(db, ana, query));
  await db.run`delete from nms_rcp_grp_rel where recipient_id in (1, 110, 200) or group_id = 2`;
  await db.run`delete from nms_recipient where recipient_id in (1, 110, 200)`;
  await db.run`delete from nms_group where group_id = 2`;
  await db.run`delete from xtk_folder where folder_id = 200`;
  await db.run`update xtk_folder set label = '', name = 'x' where folder_id = 110`;
  for (const [road, query] of Object.entries(roads))
    assert.deepEqual(seen.get(road), await answer(db, ana, query), road);
  assert.ok(Object.keys(roads).length > 20);
});

test("rows are as readable as those that their rights come through; what leads nowhere is the root's", async (t) => {
  const db = await aDatabase(t);
  await someFolders(db);
  await db.run`insert into nms_rcp_grp_rel (group_id, recipient_id) values (1, 999), (0, 130)`;
  const query: Partial<QueryDef> = {
    schema: "nms:rcpGrpRel",
    select: [{ expr: "[@group-id]" }, { expr: "[@recipient-id]" }],
    orderBy: [],
  };
  const pairs = async (viewer: Viewer): Promise<string[]> =>
    ((await answer(db, viewer, query)) as unknown[][]).map((row) => row.join("-")).sort();
  assert.deepEqual(await pairs(ana), ["1-100"]);
  assert.deepEqual(await pairs({ ...ana, operatorId: 9, groupIds: [70] }), [
    "1-100",
    "1-110",
    "1-200",
    "1-999",
    "2-100",
  ]);
  assert.equal((await pairs(admin)).length, 7);
});

test("a schema that may not be read is as one that does not exist, by itself and behind links", async (t) => {
  const db = await aDatabase(t);
  const { schemas } = withSchemas();
  const refusal = async (query: Partial<QueryDef>, viewer = ana): Promise<string> => {
    try {
      await answer(db, viewer, query, schemas);
      return "";
    } catch (error) {
      if (isPostriderError(error)) return `${error.code} ${error.message}`;
      throw error;
    }
  };
  const swap = (text: string): string => text.replaceAll("cus:nowhere", "X").replaceAll(/cus:(hidden|admins)/g, "X");
  for (const schema of ["cus:hidden", "cus:admins"])
    assert.equal(swap(await refusal({ schema })), swap(await refusal({ schema: "cus:nowhere" })));
  assert.match(await refusal({ schema: "cus:hidden" }, admin), /^XTK-170903 There is no schema 'cus:hidden'/);
  assert.equal(await refusal({ schema: "cus:admins" }, admin), "");
  const paths: ((link: string) => Partial<QueryDef>)[] = [
    (link) => ({ select: [{ expr: `[${link}/@name]` }] }),
    (link) => ({ select: [{ expr: link }] }),
    (link) => ({ where: where(`[${link}/@name] = 'x'`) }),
    (link) => ({ orderBy: [{ expr: `[${link}/@name]` }] }),
    (link) => ({ where: [{ kind: "exists", expr: link, conditions: [] }] }),
    (link) => ({ select: [{ expr: link, nested: { select: [{ expr: "@id" }] } }] }),
    (link) => ({ select: [{ expr: `Count([${link}/@id])` }] }),
  ];
  for (const query of paths)
    for (const link of ["hidden", "admins"]) {
      const refused = await refusal({ schema: "cus:thing", ...query(link) });
      assert.notEqual(refused, "");
      assert.equal(
        refused.replaceAll(link, "L"),
        (await refusal({ schema: "cus:thing", ...query("nothing") })).replaceAll("nothing", "L"),
      );
    }
  for (const schema of ["cus:hidden", "cus:nowhere"]) {
    const subQuery = { schema, operation: "select", select: [{ expr: "@id" }] } as const;
    assert.match(
      await refusal({ schema: "cus:thing", where: [{ kind: "in", expr: "@id", subQuery }] }),
      /^XTK-170903 There is no schema/,
    );
  }
});

test("system filters hold for those whom their enabledIf means, also on links", async (t) => {
  const db = await aDatabase(t);
  const { schemas } = withSchemas();
  await db.run`create table cus_thing (thing_id bigint primary key, name text, owner text, secret text, hidden_id bigint default 0, next_id bigint default 0)`;
  await db.run`insert into cus_thing values (1, 'one', 'ana', 'geheim', 0, 2), (2, 'two', 'bob', '', 0, 1), (3, 'three', 'ana', null, 0, 0)`;
  const query: Partial<QueryDef> = { schema: "cus:thing", select: [{ expr: "@id" }, { expr: "[next/@name]" }] };
  assert.deepEqual(await answer(db, admin, query, schemas), [
    [1, "two"],
    [2, "one"],
    [3, null],
  ]);
  assert.deepEqual(await answer(db, ana, query, schemas), [
    [1, null],
    [3, null],
  ]);
  assert.deepEqual(await answer(db, { ...ana, login: "bob" }, query, schemas), [[2, null]]);
});

test("values of unreadable rows do not show in errors", async (t) => {
  const db = await aDatabase(t);
  await someFolders(db);
  await db.run`update nms_recipient set int1 = 2147483647 where recipient_id in (1, 110, 200)`;
  const failing = "@int1 * 9007199254740991 * 9007199254740991 = 0";
  const roads: Partial<QueryDef>[] = [
    { where: where(failing) },
    { where: where(`@id > 0 AND ${failing}`) },
    { operation: "count", where: where(failing) },
    {
      schema: "nms:rcpGrpRel",
      select: [{ expr: "[@group-id]" }],
      where: where(failing.replaceAll("@int1", "[recipient/@int1]")),
      orderBy: [],
    },
    { schema: "xtk:folder", where: [{ kind: "exists", expr: "recipient", conditions: where(failing) }] },
    {
      where: [
        {
          kind: "in",
          expr: "@int1 * 9007199254740991 * 9007199254740991",
          subQuery: { schema: "xtk:folder", operation: "select", select: [{ expr: "@id" }] },
        },
      ],
    },
    {
      where: [
        {
          kind: "in",
          expr: "@id",
          subQuery: { schema: "nms:recipient", operation: "select", select: [{ expr: "@id" }], where: where(failing) },
        },
      ],
    },
    {
      schema: "xtk:folder",
      select: [{ expr: "@id" }, { expr: "recipient", nested: { select: [{ expr: failing.replace("= 0", "") }] } }],
    },
    { select: [{ expr: "Sum(@int1 * 9007199254740991 * 9007199254740991)" }], orderBy: [] },
  ];
  for (const query of roads) {
    await answer(db, ana, query);
    await assert.rejects(answer(db, admin, query), (error) => isPostriderError(error) && error.code === "XTK-170907");
  }
});

test("a secret is told to be there, and nothing else", async (t) => {
  const db = await aDatabase(t);
  const { schemas } = withSchemas();
  await db.run`create table cus_thing (thing_id bigint primary key, name text, owner text, secret text, hidden_id bigint default 0, next_id bigint default 0)`;
  await db.run`insert into cus_thing values (1, 'one', 'ana', 'geheim', 0, 2), (2, 'two', 'bob', '', 0, 1), (3, 'three', 'ana', null, 0, 0)`;
  const ask = (query: Partial<QueryDef>): Promise<unknown> =>
    answer(db, admin, { schema: "cus:thing", ...query }, schemas);
  assert.deepEqual(await ask({ select: [{ expr: "@secret" }] }), [["********"], [null], [null]]);
  assert.deepEqual(await ask({ where: where("@secret IS NOT NULL") }), [[1]]);
  assert.deepEqual(await ask({ where: where("@secret = ''") }), [[2], [3]]);
  const grouped = await ask({
    select: [
      { expr: "@secret", isGroupedBy: true },
      { expr: "Count(@id)", alias: "@n" },
    ],
    orderBy: [{ expr: "@n" }],
  });
  assert.deepEqual(grouped, [
    ["********", 1],
    [null, 2],
  ]);
  for (const query of [
    { where: where("@secret = 'geheim'") },
    { where: where("@secret LIKE 'g%'") },
    { where: where("@secret IN ('geheim', 'x')") },
    { where: where("Length(@secret) = 6") },
    { where: where("@secret > 'a'") },
    { where: where("[next/@secret] = @secret") },
    { orderBy: [{ expr: "@secret" }] },
    { select: [{ expr: "Max(@secret)" }] },
    { select: [{ expr: "@secret + ''" }] },
    { select: [{ expr: "Countdistinct(@secret)" }] },
    {
      where: [
        {
          kind: "in",
          expr: "@secret",
          subQuery: { schema: "cus:thing", operation: "select", select: [{ expr: "@name" }] },
        },
      ],
    },
    {
      where: [
        {
          kind: "in",
          expr: "'geheim'",
          subQuery: { schema: "cus:thing", operation: "select", select: [{ expr: "@secret" }] },
        },
      ],
    },
    { select: [{ expr: "@secret" }], isDistinct: true, orderBy: [{ expr: "@secret" }] },
  ] satisfies Partial<QueryDef>[])
    await assert.rejects(ask(query), (error) => isPostriderError(error), JSON.stringify(query));
  assert.throws(
    () =>
      compileQuery(
        { schemas, viewer: admin },
        { schema: "xtk:operator", operation: "select", select: [{ expr: "@passwordHash" }] },
      ),
    /has no field 'passwordHash'/,
  );
});

function withSchemas(): { schemas: SchemaSet } {
  const more: Schema[] = [
    defineSchema({
      namespace: "cus",
      name: "thing",
      label: "Things",
      labelSingular: "Thing",
      table: "cus_thing",
      attributes: {
        id: { type: "int64", column: "thing_id", label: "Id" },
        name: { type: "string", column: "name", label: "Name" },
        owner: { type: "string", column: "owner", label: "Owner" },
        secret: { type: "string", column: "secret", label: "Secret", isSecret: true },
        "hidden-id": { type: "int64", column: "hidden_id", label: "Hidden", default: 0 },
        "next-id": { type: "int64", column: "next_id", label: "Next", default: 0 },
      },
      keys: [{ attributes: ["id"] }],
      links: {
        hidden: { label: "Hidden", target: "cus:hidden", cardinality: "one", join: [{ from: "hidden-id", to: "id" }] },
        admins: { label: "Admins", target: "cus:admins", cardinality: "many", join: [{ from: "id", to: "id" }] },
        next: { label: "Next", target: "cus:thing", cardinality: "one", join: [{ from: "next-id", to: "id" }] },
      },
      systemFilters: [
        {
          name: "readAccess",
          conditions: [{ expression: "@owner = $(login)", enabledIf: "hasNamedRight('admin')=false" }],
        },
      ],
    }),
    ...(["hidden", "admins"] as const).map((name) =>
      defineSchema({
        namespace: "cus",
        name,
        label: name,
        labelSingular: name,
        table: "xtk_folder",
        attributes: {
          id: { type: "int64", column: "folder_id", label: "Id" },
          name: { type: "string", column: "name", label: "Name" },
        },
        keys: [{ attributes: ["id"] }],
        ...(name === "hidden" ? { isHidden: true } : { access: { read: "admin" } }),
      }),
    ),
  ];
  const byId = new Map(more.map((schema) => [`${schema.namespace}:${schema.name}`, schema]));
  return {
    schemas: {
      find: (id) => byId.get(id) ?? builtInSchemas.find(id),
      all: () => [...builtInSchemas.all(), ...more],
      version: "test",
    },
  };
}
