import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { Database } from "#foundation/database.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { aDatabase } from "#test/support/database.ts";

import { server } from "../viewer.ts";
import { describeSql } from "./describe-sql.ts";
import type { OrderNode, Position, QueryDef } from "./query-def.ts";
import type { QueryOptions } from "./query-options.ts";
import { runQuery } from "./run-query.ts";

const context = (db: Database): Parameters<typeof runQuery>[0] => ({ db, schemas: builtInSchemas, viewer: server });

async function page(
  db: Database,
  query: Partial<QueryDef>,
  options: QueryOptions = {},
): Promise<{ ids: number[]; position: Position | undefined }> {
  const result = await runQuery(
    context(db),
    { schema: "nms:recipient", operation: "select", select: [{ expr: "@id" }], ...query },
    options,
  );
  assert.ok(result.kind === "rows");
  return { ids: result.rows.map(([id]) => Number(id)), position: result.position };
}

/** Few different values, many of them missing; moments that differ by a microsecond. */
async function manyRecipients(db: Database, count: number): Promise<void> {
  await db.run`
    insert into nms_recipient (recipient_id, last_name, gender, created, birth_date)
    select id, case when id % 4 <> 0 then 'n' || id % 5 end, id % 3,
           '2024-01-01'::timestamptz + (id % 7) * interval '1 microsecond',
           case when id % 3 <> 0 then '2000-01-01'::date + (id % 4)::integer end
      from generate_series(1, ${count}::integer) as id`;
}

const orders: readonly (readonly OrderNode[])[] = [
  [],
  [{ expr: "@id", isDescending: true }],
  [{ expr: "@gender" }],
  [{ expr: "@gender", isDescending: true }],
  [{ expr: "@lastName" }],
  [{ expr: "@lastName", isDescending: true }],
  [{ expr: "@created" }],
  [{ expr: "@gender" }, { expr: "@lastName" }],
  [{ expr: "@lastName" }, { expr: "@birthDate" }],
  [{ expr: "@lastName" }, { expr: "@birthDate", isDescending: true }],
  [
    { expr: "@lastName", isDescending: true },
    { expr: "@birthDate", isDescending: true },
  ],
  [{ expr: "@birthDate" }, { expr: "@id", isDescending: true }],
  [{ expr: "Upper(@lastName)" }, { expr: "@gender", isDescending: true }],
  [{ expr: "[folder/@name]" }, { expr: "@birthDate" }],
];

test("pages by line numbers and by positions cover every row once, in the order of the whole", async (t) => {
  const db = await aDatabase(t);
  await manyRecipients(db, 60);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...orders), fc.integer({ min: 1, max: 25 }), async (orderBy, lineCount) => {
      const { ids: whole } = await page(db, { orderBy, lineCount: 1_000 });
      assert.equal(new Set(whole).size, 60);
      const byLine: number[] = [];
      for (let startLine = 0; startLine < 60; startLine += lineCount)
        byLine.push(...(await page(db, { orderBy, lineCount, startLine })).ids);
      assert.deepEqual(byLine, whole);
      const byPosition: number[] = [];
      let after: Position | undefined;
      for (;;) {
        const next = await page(
          db,
          { orderBy, lineCount },
          { withPosition: true, ...(after === undefined ? {} : { after }) },
        );
        byPosition.push(...next.ids);
        after = next.position;
        if (next.ids.length < lineCount) break;
      }
      assert.deepEqual(byPosition, whole);
    }),
    { numRuns: 40 },
  );
  assert.deepEqual((await page(db, { lineCount: 5, startLine: 60 })).ids, [], "beyond the end");
  assert.deepEqual((await page(db, { lineCount: 0 })).ids, []);
});

test("a position enters the index where the page begins", async (t) => {
  const db = await aDatabase(t);
  await manyRecipients(db, 20_000);
  await db.run`create index on nms_recipient (last_name, recipient_id)`;
  await db.run`analyze nms_recipient`;
  const shown = (orderBy: readonly OrderNode[], after: Position): string =>
    describeSql(
      { schemas: builtInSchemas, viewer: server },
      { schema: "nms:recipient", operation: "select", select: [{ expr: "@email" }], orderBy, lineCount: 10 },
      { after },
    );
  assert.match(
    shown([{ expr: "@id" }], ["7"]),
    /where \(\("t"."recipient_id"\) > \('7'::text::bigint\)\) order by "t"."recipient_id" limit/,
  );
  assert.match(
    shown([{ expr: "@lastName" }], ["n3", "7"]),
    /where \(\("t"."last_name", "t"."recipient_id"\) > \('n3'::text::text, '7'::text::bigint\)\) order by "t"."last_name", "t"."recipient_id"/,
  );
  const { sql } = await import("#foundation/sql.ts");
  const plan = await db.rows((row) => (row as { "QUERY PLAN": string })["QUERY PLAN"])`
    explain ${sql.raw(shown([{ expr: "@lastName" }], ["n3", "7"]))}`;
  assert.match(plan.join("\n"), /Index Scan.*\n.*Index Cond: \(ROW\(last_name, recipient_id\) > ROW/);
});

test("what is grouped or distinct is paged by lines, completely", async (t) => {
  const db = await aDatabase(t);
  await manyRecipients(db, 30);
  const query: QueryDef = {
    schema: "nms:recipient",
    operation: "select",
    select: [
      { expr: "@lastName", isGroupedBy: true },
      { expr: "@gender", isGroupedBy: true },
      { expr: "CountAll()", alias: "@n" },
    ],
    orderBy: [{ expr: "@n" }],
  };
  const read = async (more: Partial<QueryDef>): Promise<readonly unknown[]> => {
    const result = await runQuery(context(db), { ...query, ...more });
    return result.kind === "rows" ? result.rows : [result.count];
  };
  const whole = await read({ lineCount: 100 });
  const pages = [
    ...(await read({ lineCount: 6 })),
    ...(await read({ lineCount: 6, startLine: 6 })),
    ...(await read({ lineCount: 100, startLine: 12 })),
  ];
  assert.deepEqual(pages, whole);
  assert.deepEqual(await read({ operation: "count" }), [whole.length]);
  await assert.rejects(runQuery(context(db), { ...query, lineCount: 3 }, { withPosition: true }), /paged by startLine/);
});

test("line counts and positions that are none are refused", async (t) => {
  const db = await aDatabase(t);
  for (const more of [{ lineCount: -1 }, { lineCount: 1.5 }, { startLine: Number.NaN }, { startLine: 2 ** 60 }])
    await assert.rejects(page(db, more), (error) => isPostriderError(error) && error.code === "XTK-170905");
  const orderBy = [{ expr: "@created" }];
  await assert.rejects(page(db, { orderBy, lineCount: 1 }, { after: ["x", "1", "2"] }), /XTK-170905|has 3 values/);
  await assert.rejects(
    page(db, { orderBy, lineCount: 1 }, { after: ["'; drop table x --", "1"] }),
    (error) => isPostriderError(error) && error.code === "XTK-170907",
  );
});

test("without a line count the default limits the answer", async (t) => {
  const db = await aDatabase(t);
  await manyRecipients(db, 30);
  assert.equal((await page(db, {}, { defaultLineCount: 7 })).ids.length, 7);
  assert.equal((await page(db, { lineCount: 20 }, { defaultLineCount: 7, mostLines: 12 })).ids.length, 12);
});
