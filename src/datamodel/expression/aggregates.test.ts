import assert from "node:assert/strict";
import { test } from "node:test";

import { sql } from "#foundation/sql.ts";
import { findField } from "#schemas/fields.ts";
import { recipient } from "#schemas/recipient.ts";
import { aDatabase } from "#test/support/database.ts";

import { checkTypes } from "./check-types.ts";
import { compileSql, type Sql } from "./compile-sql.ts";
import { parseExpression } from "./parse-expression.ts";
import type { ResolvedPath, ResolvePath } from "./typed.ts";

const paths: ResolvePath = (path) => {
  const field = findField(recipient, path.slice(1));
  return field === undefined ? { problem: `There is no ${path}.` } : { outward: 0, links: [], field };
};

const columnOf = ({ field }: ResolvedPath): Sql =>
  sql.ref(`t.${field.kind === "stored" ? field.declaration.column : ""}`);

test("aggregates count over all rows where they are allowed, and cannot be nested", async (t) => {
  const db = await aDatabase(t);
  await db.run`insert into nms_recipient (email, gender) values ('a@x.org', 1), ('b@x.org', 2), (null, 2)`;
  const check = (expression: string): ReturnType<typeof checkTypes> =>
    checkTypes(expression, parseExpression(expression), { resolvePath: paths, parameters: {}, aggregates: "allowed" });
  const compute = async (expression: string): Promise<unknown> => {
    const value = compileSql(check(expression), { timezone: "UTC", columnOf });
    return db.first((row) => (row as { value: unknown }).value)`select ${value} as value from nms_recipient as t`;
  };
  assert.equal(await compute("CountAll()"), 3);
  assert.equal(await compute("Count(@email)"), 2);
  assert.equal(await compute("countdistinct(@gender)"), 2);
  assert.equal(await compute("Sum(@gender) * 2"), 10);
  assert.equal(await compute("Round(Avg(@gender), 2)"), 1.67);
  assert.equal(await compute("Min(Upper(@email))"), "A@X.ORG");
  assert.equal(await compute("Max(@gender)"), 2);
  assert.throws(() => check("Sum(Count(@email))"), /cannot stand within another aggregate/);
  assert.throws(() => check("Sum(@email)"), /is called as Sum\(number\)/);
  assert.equal(await compute("Sum(@gender = 2)"), 2, "conditions count as 0 and 1");
  assert.equal(await compute("Max(@blackList)"), 0);
  assert.equal(await compute("Round(StdDev(@gender), 3)"), 0.577);
  assert.throws(() => check("Min(Count(@email) > 1)"), /cannot stand within another aggregate/);
});
