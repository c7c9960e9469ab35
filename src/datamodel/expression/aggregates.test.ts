import assert from "node:assert/strict";
import { test } from "node:test";

import { recipient } from "#schemas/recipient.ts";
import { aDatabase } from "#test/support/database.ts";

import { checkTypes } from "./check-types.ts";
import { compileSql } from "./compile-sql.ts";
import { parseExpression } from "./parse-expression.ts";
import { planJoins } from "./plan-joins.ts";

test("aggregates count over all rows where they are allowed, and cannot be nested", async (t) => {
  const db = await aDatabase(t);
  await db.run`insert into nms_recipient (email, gender) values ('a@x.org', 1), ('b@x.org', 2), (null, 2)`;
  const check = (expression: string): ReturnType<typeof checkTypes> =>
    checkTypes(expression, parseExpression(expression), { schema: recipient, parameters: {}, aggregates: "allowed" });
  const compute = async (expression: string): Promise<unknown> => {
    const joins = planJoins(recipient, "t");
    const value = compileSql(check(expression), { timezone: "UTC", aliasOf: joins.aliasOf });
    return db.first(
      (row) => (row as { value: unknown }).value,
    )`select ${value} as value from nms_recipient as t ${joins.toSql()}`;
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
  assert.throws(() => check("Min(@blackList)"), /is called as Min\(value\)/);
});
