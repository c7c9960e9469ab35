import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { Database } from "#foundation/database.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { aDatabase } from "#test/support/database.ts";

import { server } from "../viewer.ts";
import type { Condition } from "./query-def.ts";
import { runQuery } from "./run-query.ts";

/** A recipient in memory, with the groups he is in. */
type Row = { id: number; gender: number; lastName: string | null; groups: number[] };

const rows: readonly Row[] = Array.from({ length: 40 }, (_, index) => ({
  id: index + 1,
  gender: index % 3,
  lastName: index % 4 === 0 ? null : (["", "a", "b"][index % 3] ?? ""),
  groups: [1, 2, 3].filter((group) => (index + 1) % (group + 1) === 0),
}));

async function store(db: Database): Promise<void> {
  for (const { id, gender, lastName, groups } of rows) {
    await db.run`insert into nms_recipient (recipient_id, gender, last_name) values (${id}, ${gender}, ${lastName})`;
    for (const group of groups)
      await db.run`insert into nms_rcp_grp_rel (group_id, recipient_id) values (${group}, ${id})`;
  }
}

/** What SQL says: true, false, or unknown where a value is missing. */
type Truth = boolean | undefined;

type Model = { readonly condition: Condition; readonly holds: (row: Row) => Truth };

const negate = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);
const both = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
const either = (truths: readonly Truth[]): Truth =>
  truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;

/** Side by side: AND binds tighter than OR. */
function holdSideBySide(models: readonly Model[], row: Row): Truth {
  const alternatives: Truth[][] = [[]];
  models.forEach(({ condition, holds }, index) => {
    alternatives.at(-1)?.push(holds(row));
    if (condition.isOrNext === true && index < models.length - 1) alternatives.push([]);
  });
  return either(alternatives.map(both));
}

const expression = (expr: string, holds: Model["holds"]): Model => ({ condition: { kind: "expression", expr }, holds });

const leaf: fc.Arbitrary<Model> = fc.oneof(
  fc.nat(41).map((id) => expression(`@id > ${id}`, (row) => row.id > id)),
  fc.nat(3).map((gender) => expression(`@gender = ${gender}`, (row) => row.gender === gender)),
  fc
    .constantFrom("a", "b")
    .map((name) =>
      expression(`@lastName = '${name}'`, (row) => (row.lastName === null ? undefined : row.lastName === name)),
    ),
  fc.constant(expression("@lastName IS NULL", (row) => (row.lastName ?? "") === "")),
  fc.tuple(fc.nat(4), fc.boolean()).map(
    ([group, isNegated]): Model => ({
      condition: {
        kind: "exists",
        expr: "rcpGrpRel",
        isNegated,
        conditions: [{ kind: "expression", expr: `[@group-id] = ${group} AND [@recipient-id] = [../@id]` }],
      },
      holds: (row) => row.groups.includes(group) !== isNegated,
    }),
  ),
  fc.tuple(fc.nat(4), fc.boolean()).map(
    ([group, isNegated]): Model => ({
      condition: {
        kind: "in",
        expr: "@id",
        isNegated,
        subQuery: {
          schema: "nms:rcpGrpRel",
          operation: "select",
          select: [{ expr: "[@recipient-id]" }],
          where: [{ kind: "expression", expr: `[@group-id] = ${group}` }],
        },
      },
      holds: (row) => row.groups.includes(group) !== isNegated,
    }),
  ),
);

const { tree } = fc.letrec<{ tree: Model; group: Model }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, tie("group")),
  group: fc
    .tuple(fc.array(fc.tuple(tie("tree"), fc.boolean()), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([parts, isNegated]): Model => {
      const models = parts.map(([model, isOrNext]) => ({ ...model, condition: { ...model.condition, isOrNext } }));
      return {
        condition: { kind: "group", isNegated, conditions: models.map(({ condition }) => condition) },
        holds: (row) => {
          const truth = holdSideBySide(models, row);
          return isNegated ? negate(truth) : truth;
        },
      };
    }),
}));

test("random trees of conditions select what a filter in memory selects, and count it", async (t) => {
  const db = await aDatabase(t);
  await store(db);
  const context = { db, schemas: builtInSchemas, viewer: server };
  await fc.assert(
    fc.asyncProperty(fc.array(tree, { minLength: 1, maxLength: 4 }), async (models) => {
      const where = models.map(({ condition }) => condition);
      const expected = rows.filter((row) => holdSideBySide(models, row) === true).map(({ id }) => id);
      const query = { schema: "nms:recipient", select: [{ expr: "@id" }], where } as const;
      const found = await runQuery(context, { ...query, operation: "select", orderBy: [{ expr: "@id" }] });
      assert.deepEqual(found.kind === "rows" ? found.rows.flat() : [], expected);
      const counted = await runQuery(context, { ...query, operation: "count" });
      assert.equal(counted.kind === "count" ? counted.count : -1, expected.length);
    }),
    { numRuns: 150 },
  );
});
