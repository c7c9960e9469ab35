import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { delivery } from "#schemas/delivery.ts";
import { operator } from "#schemas/operator.ts";
import { recipient } from "#schemas/recipient.ts";
import { aDatabase } from "#test/support/database.ts";

import { compileWhere } from "./compile-where.ts";
import { longestExpression } from "./expression/tokenize.ts";
import { countKeys, type KeyQuery, selectKeys } from "./query.ts";

async function someRecipients(db: Database): Promise<void> {
  await db.run`insert into xtk_folder (folder_id, parent_id, name, label) values (500, 1, 'customers', 'Customers'), (501, 500, 'best', 'The best')`;
  await db.run`
    insert into nms_recipient (recipient_id, folder_id, email, first_name, birth_date, created, gender, city) values
      (1, 500, 'ana@example.org', 'Ana', '1990-05-17', '2021-07-07T10:03:33.332Z', 2, 'Lyon'),
      (2, 501, 'bob@example.com', 'O''Neil \\ 100%', '1970-01-01', '2021-07-07T23:30:00Z', 1, 'Paris'),
      (3, 0, null, '', null, '2022-01-01T00:00:00Z', 0, null)`;
}

const select = (db: Database, where: string, more: Partial<KeyQuery> = {}): Promise<number[]> =>
  selectKeys(db, { schema: recipient, where, ...more });

function refusal(expression: string, schema = recipient as KeyQuery["schema"]): string {
  try {
    compileWhere(schema, expression);
  } catch (error) {
    if (isPostriderError(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  return "";
}

test("paths follow links to one row, and rows without that row are neither lost nor doubled", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  assert.deepEqual(await select(db, "[folder/@name] = 'customers'"), [1]);
  assert.deepEqual(
    await select(db, "folder/parent/@name = 'customers' OR [folder/parent/@label] = 'Profiles and targets'"),
    [1, 2],
  );
  assert.deepEqual(await select(db, "[folder/@name] IS NULL"), [3]);
  assert.deepEqual(await select(db, "[folder/@name] <> ''"), [1, 2]);
  assert.deepEqual(await select(db, "[@folder-id] = 500 and location/@city = 'Lyon'"), [1]);
  assert.deepEqual(await select(db, ""), [1, 2, 3]);
  assert.equal(await countKeys(db, { schema: recipient, where: "@gender in (1, 2)" }), 2);
});

test("where a link leads to many rows, one that meets the condition is enough, and no row is doubled", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  await db.run`insert into nms_group (group_id, name, label) values (10, 'news', 'News'), (11, 'shop', 'Shop')`;
  await db.run`insert into nms_rcp_grp_rel (group_id, recipient_id) values (10, 1), (11, 1), (10, 2)`;
  assert.deepEqual(await select(db, "[rcpGrpRel/@group-id] > 0"), [1, 2]);
  assert.equal(await countKeys(db, { schema: recipient, where: "[rcpGrpRel/@group-id] > 0" }), 2);
  assert.deepEqual(await select(db, "[rcpGrpRel/group/@name] = 'shop' AND [folder/@name] = 'customers'"), [1]);
  assert.deepEqual(await select(db, "[rcpGrpRel/@group-id] IS NULL OR [rcpGrpRel/group/@label] = 'Shop'"), [1, 3]);
  const { joins, where } = compileWhere(recipient, "[rcpGrpRel/group/@name] = 'news'", { alias: "r" });
  const rows = await db.rows(
    (row) => (row as { id: number }).id,
  )`select r.recipient_id as id from nms_recipient as r ${joins} where ${where} order by 1`;
  assert.deepEqual(rows, [1, 2]);
});

test("a query of its own may take the condition in under its own alias", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  const { joins, where } = compileWhere(recipient, "[folder/@name] = 'best' and @email like '%.com'", { alias: "r" });
  const rows = await db.rows(
    (row) => row,
  )`select r.recipient_id as id from nms_recipient as r ${joins} where r.recipient_id > ${0} and ${where}`;
  assert.deepEqual(rows, [{ id: 2 }]);
});

test("quotes, backslashes and wildcards in texts are what they are written as", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  assert.deepEqual(await select(db, "@firstName = 'O\\'Neil \\\\ 100%'"), [2]);
  assert.deepEqual(await select(db, "@firstName LIKE '%\\%'"), [2]);
  assert.deepEqual(await select(db, "@firstName LIKE '%\\\\%'"), [2]);
  assert.deepEqual(await select(db, "@firstName LIKE 'A\\%'"), []);
  assert.deepEqual(await select(db, "@firstName LIKE Left(@email, 0) + 'A%'"), [1]);
});

test("dates compare by day and by moment, in the time zone of the query", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  assert.deepEqual(await select(db, "@birthDate = #1990/05/17#"), [1]);
  assert.deepEqual(await select(db, "@created = #2021-07-07T10:03:33.332Z#"), [1]);
  assert.deepEqual(await select(db, "@created >= #2021-07-08#"), [3]);
  assert.deepEqual(await select(db, "@created >= #2021-07-08#", { timezone: "Europe/Paris" }), [2, 3]);
  assert.deepEqual(await select(db, "@created >= #2021-07-08T01:00:00#", { timezone: "Europe/Paris" }), [2, 3]);
  assert.deepEqual(await select(db, "Day(@created) = 8", { timezone: "Europe/Paris" }), [2]);
  assert.deepEqual(await select(db, "DateOnly(@created) = #2021-07-07# and Month(@birthDate) = 1"), [2]);
  assert.deepEqual(
    await select(db, "AddDays(@created, 1) > #2021-07-08T20:00:00Z# and SubDays(@birthDate, 1) = #1969-12-31#"),
    [2],
  );
  await db.run`update nms_recipient set birth_date = current_date - 3, created = now() where recipient_id = 3`;
  assert.deepEqual(
    await select(db, "@birthDate = DaysAgo(3) and @created <= GetDate() and @created > AddDays(GetDate(), -1)"),
    [3],
  );
});

test("numbers are computed exactly, rounded as people do, and division by zero has no result", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  assert.deepEqual(await select(db, "@gender * 2 + 1 - 3 = 2 and -@gender < -1"), [1]);
  assert.deepEqual(await select(db, "1 / @gender = 0.5"), [1]);
  assert.deepEqual(await select(db, "1 / @gender > 0 or 1 / @gender <= 0"), [1, 2]);
  assert.deepEqual(
    await select(db, "Round(@gender * 0.25, 1) = 0.3 and Ceil(@gender / 3) = 1 and Floor(@gender / 3) = 0"),
    [2],
  );
  assert.deepEqual(
    await select(
      db,
      "ToString(@gender) = '2' and ToString(1.50) = '1.5' and ToString(2 / 3, 2) = '0.67' and ToString(@birthDate) = '1990-05-17'",
    ),
    [1],
  );
  assert.deepEqual(await select(db, "@gender * 1000000 > 1500000"), [1], "a smallint column does not overflow");
  assert.deepEqual(await select(db, "Abs(-@gender) = 2 and Coalesce(@gender, 9) = 2"), [1]);
  assert.deepEqual(await select(db, "IsEmptyString(@firstName, 'none', @firstName) = 'none'"), [3]);
});

test("what cannot be computed for the rows that are there is an error about the expression", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  await assert.rejects(
    select(db, "@id * 9007199254740991 * 9007199254740991 = 0"),
    /XTK-170902|cannot be computed for the data/,
  );
  await assert.rejects(select(db, "AddDays(@birthDate, 5000000000) > #2000-01-01#"), /cannot be computed for the data/);
});

test("parameters are values of a kind, never text of the expression", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  const parameters = {
    city: "Lyon' or '1'='1",
    "instance/vars/@x": "2",
    flag: true,
    since: new Date("2021-12-31T00:00:00Z"),
    empty: "",
  };
  assert.deepEqual(await select(db, "location/@city = $(city)", { parameters }), []);
  assert.deepEqual(await select(db, "@gender = $long(instance/vars/@x)", { parameters }), [1]);
  assert.deepEqual(await select(db, "@created > $(since) and $(flag)", { parameters }), [3]);
  assert.deepEqual(await select(db, "@firstName = $(empty)", { parameters }), [3]);
  assert.throws(() => compileWhere(recipient, "@gender = $long(city)", { parameters }), /is not a whole number/);
  assert.throws(() => compileWhere(recipient, "@email = $(absent)", { parameters }), /has no value/);
  assert.throws(() => compileWhere(recipient, "@email = $(toString)", { parameters }), /has no value/);
  assert.throws(() => compileWhere(recipient, "@email = $(x)", { parameters: { x: "a\0b" } }), /NUL/);
});

test("a list of thousands of values is one parameter", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  const list = Array.from({ length: 10_000 }, (_, index) => index + 2).join(",");
  assert.deepEqual(await select(db, `@id in (${list})`), [2, 3]);
});

// S-9 and S-10 of the bad-input catalogue.
test("SQL in an expression is refused or is only text", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  const everyone = await select(db, "");
  for (const text of [
    "x' OR 1=1 --",
    "'); DROP TABLE nms_recipient; --",
    "$$",
    "E'\\''",
    "U&'\\0027'",
    "＇ OR 1=1",
    "\\",
    "\\'",
    "%' OR '%'='",
  ]) {
    const written = `'${text.replace(/['\\]/g, "\\$&")}'`;
    assert.deepEqual(
      await select(db, `@email = ${written} or @email in (${written}) or Lower(@email) like ${written} + @email`),
      [],
    );
  }
  for (const expression of [
    "@email = 'x' OR 1=1 --'",
    "@email = 'x'); DROP TABLE nms_recipient; --",
    "@email = $$x$$",
    "@email = E'\\''",
    '@email = "x"',
    "@email = 'x'; select 1",
    "@email::regclass = 'x'",
    "@email /* c */ = 'x'",
    "@email = ＇x＇",
    "1=1 union select password_hash from xtk_operator",
    "@email = (select 1)",
  ]) {
    assert.match(refusal(expression), /^XTK-1700(06|36)/, expression);
  }
  assert.deepEqual(await select(db, ""), everyone);
});

test("functions that are not on the list are refused, whatever PostgreSQL knows", () => {
  for (const name of [
    "pg_sleep",
    "pg_read_file",
    "lo_import",
    "dblink",
    "query_to_xml",
    "set_config",
    "current_setting",
    "version",
    "to_regclass",
    "constructor",
  ]) {
    assert.match(refusal(`${name}(10) = 1`), new RegExp(`^XTK-170036 .*There is no function ${name}\\.`));
  }
});

test("names that no schema has are refused, and secrets have no name", () => {
  assert.match(
    refusal("@noSuchField = 1"),
    /^XTK-170036 Unable to parse expression '@noSuchField = 1'\. nms:recipient has no field 'noSuchField'/,
  );
  for (const path of [
    "[__proto__/@x]",
    "@constructor",
    "[folder/@toString]",
    '[folder"/@name]',
    "[a;b]",
    "[folder/@name; drop]",
  ]) {
    assert.match(refusal(`${path} = 'x'`), /^XTK-1700/, path);
  }
  assert.match(refusal("@passwordHash like '$argon2%'", operator), /has no field 'passwordHash'/);
  assert.match(refusal("[createdBy/@passwordHash] <> ''", delivery), /has no field 'passwordHash'/);
  assert.match(refusal("folder = 1"), /leads to a link/);
  assert.match(refusal("[nms:group:@id] = 1"), /no link leads to cannot be joined/);
  assert.match(refusal("rcpGrpRel[1]/@group-id = 1"), /^XTK-1700/);
  assert.match(refusal("../@x = 1"), /^XTK-1700/);
  assert.match(refusal("[../@x] = 1"), /leads out of the query/);
  assert.match(refusal("@targets = 'x'", delivery), /Write targets for the element/);
  assert.match(refusal("targets = 'x'", delivery), /^XTK-170036 /);
});

test("values that do not fit together are refused with both kinds", () => {
  assert.match(refusal("@email = 1"), /It compares a text with a whole number/);
  assert.match(refusal("@gender"), /It is a whole number, not a condition/);
  assert.match(refusal("@email + 1 = 'x'"), /Texts can be joined/);
  assert.match(refusal("@birthDate + 1 > #2000-01-01#"), /needs numbers/);
  assert.match(refusal("@email and @blackList"), /AND needs conditions/);
  assert.match(refusal("Left(@email) = 'x'"), /Left is called as Left\(text, length\)/);
  assert.match(refusal("Count(@email) > 1"), /counts over many rows/);
  assert.match(refusal("@birthDate = #2021-02-30#"), /is no date/);
  assert.match(refusal("@id = 99999999999999999999"), /too large/);
  assert.match(refusal("@email in ()"), /is empty/);
});

test("a syntax error names the place", () => {
  assert.match(refusal("@email = "), /it ends too early; a value should follow \(at character 10\)/);
  assert.match(refusal("(@gender = 1"), /\) should follow/);
  assert.match(refusal("@email like"), /it ends too early/);
  assert.match(refusal("@email not 'x'"), /IN or LIKE should follow/);
  assert.match(refusal("@email is 'x'"), /NULL should follow/);
  assert.match(refusal("@email = 'x"), /is not closed/);
  assert.match(refusal("@email = 'a\0'"), /NUL/);
  assert.match(refusal("@email = '\ud800'"), /half a character/);
});

// S-13: limits, so that no expression can exhaust the process or PostgreSQL's stack.
test("expressions beyond the limits are refused; large ones within them run", async (t) => {
  const db = await aDatabase(t);
  await someRecipients(db);
  assert.deepEqual(await select(db, Array.from({ length: 5_000 }, () => "@gender=2").join(" and ")), [1]);
  assert.deepEqual(await select(db, `${"(".repeat(90)}@gender = 2${")".repeat(90)}`), [1]);
  assert.match(refusal(`${"(".repeat(20_000)}1`), /^XTK-170901 .*levels deep/);
  assert.match(refusal(`${"not (".repeat(200)}true${")".repeat(200)}`), /levels deep/);
  assert.match(refusal(`${"Lower(".repeat(200)}@email${")".repeat(200)} = ''`), /levels deep/);
  assert.match(refusal(`@id = ${"- ".repeat(40_000)}1`), /levels deep|words/);
  assert.match(refusal(`@id = ${Array.from({ length: 1_000 }, () => "1").join("+")}`), /terms are joined/);
  assert.match(refusal(`@email = '${"x".repeat(longestExpression)}'`), /more than 100000 characters/);
  assert.match(refusal(Array.from({ length: 12_000 }, () => "1=1").join(" or ")), /words/);
  assert.match(refusal(`[folder/${"parent/".repeat(11)}@name] = 'x'`), /more than 10 links/);
});
