import assert from "node:assert/strict";
import { test } from "node:test";

import { compileSql, sql } from "./sql.ts";

test("values become parameters in the order they are written, also those of fragments within", () => {
  const where = sql`a = ${1} and ${sql.ref("t.b")} in (${sql.join([2, sql`${3}::int`])})`;
  assert.deepEqual(compileSql(sql`select ${0} from ${sql.id("x")} where ${where} limit ${4}`), {
    text: 'select $1 from "x" where a = $2 and "t"."b" in ($3, $4::int) limit $5',
    values: [0, 1, 2, 3, 4],
  });
});

test("a name keeps its quotes to itself", () => {
  assert.equal(compileSql(sql`${sql.id('a"; drop table x; --')}`).text, '"a""; drop table x; --"');
});

test("a value that looks like a fragment is still a value", () => {
  const { text, values } = compileSql(sql`select ${{ texts: ["now()"], values: [] }}`);
  assert.equal(text, "select $1");
  assert.equal(values.length, 1);
});

test("a list may be joined by another fragment, and an empty one is nothing", () => {
  assert.equal(compileSql(sql.join([1, 2], sql` and `)).text, "$1 and $2");
  assert.equal(compileSql(sql.join([])).text, "");
});
