import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import sdk, { type Client } from "@adobe/acc-js-sdk";

import { aClient, at, query, type Refusal } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { aWeb } from "#test/support/web.ts";

let client: Client;
const ending = inReverse({ after });

/** Eleven people of one company, so that counts are known; other tests of this file use other companies. */
const people = Array.from({ length: 11 }, (_, index) => ({
  email: `p${String(index).padStart(2, "0")}@query.example`,
  lastName: index % 2 === 0 ? "Even" : "Odd",
  firstName: `F${index}`,
  gender: index % 3,
  company: "Query",
  birthDate: `19${70 + index}-02-28`,
  status: index,
}));

before(async () => {
  const web = await aWeb(ending);
  client = await aClient(web.url);
  const { xtkSession } = client.NLWS;
  await xtkSession.writeCollection({ xtkschema: "nms:recipient", recipient: people });
  await xtkSession.write({ xtkschema: "nms:group", name: "queryGroup", label: "Query's group" });
  await xtkSession.writeCollection({
    xtkschema: "nms:rcpGrpRel",
    rcpGrpRel: people.slice(0, 4).map(({ email }) => ({
      group: { _operation: "none", _key: "@name", name: "queryGroup" },
      recipient: { _operation: "none", _key: "@email", email },
    })),
  });
});

const ours = { expr: "@company = 'Query'" };
type Part = Record<string, unknown>;

function select(nodes: readonly (string | Part)[], rest: Part = {}): Promise<unknown> {
  return query(client, {
    schema: "nms:recipient",
    operation: "select",
    select: { node: nodes.map((node) => (typeof node === "string" ? { expr: node } : node)) },
    where: { condition: [ours] },
    ...rest,
  });
}

async function emails(conditions: readonly Part[], rest: Part = {}): Promise<string[]> {
  const answer = await select(["@email"], {
    where: { condition: conditions },
    orderBy: { node: [{ expr: "@email" }] },
    ...rest,
  });
  const rows = at(answer, "recipient");
  return Array.isArray(rows) ? rows.map((row) => String(at(row, "email"))) : [];
}

const numbers = (found: readonly string[]): number[] => found.map((email) => Number(email.slice(1, 3)));
const all = people.map((_, index) => index);

test("select answers an array, also for one row and for none, with the asked values only", async () => {
  const where = { condition: [{ expr: "@email = 'p03@query.example'" }] };
  assert.deepEqual(await select(["@email", "@lastName"], { where }), {
    recipient: [{ email: "p03@query.example", lastName: "Odd" }],
  });
  assert.deepEqual(await select(["@email"], { where: { condition: [{ expr: "@email = 'nobody'" }] } }), {
    recipient: [],
  });
});

test("get answers one row, and without a row the fault that the SDK relies on; getIfExists answers null", async () => {
  const one = (operation: string, email: string): Promise<unknown> =>
    query(client, {
      schema: "nms:recipient",
      operation,
      select: { node: [{ expr: "@lastName" }] },
      where: { condition: [{ expr: `@email = '${email}'` }] },
    });
  assert.deepEqual(await one("get", "p00@query.example"), { lastName: "Even" });
  assert.deepEqual(await one("getIfExists", "p00@query.example"), { lastName: "Even" });
  assert.equal(await one("getIfExists", "nobody@query.example"), null);
  await assert.rejects(one("get", "nobody@query.example"), (error: Refusal) => error.errorCode === "SOP-330011");
});

test("count answers how many as decimal text", async () => {
  const answer = await query(client, { schema: "nms:recipient", operation: "count", where: { condition: [ours] } });
  assert.deepEqual(answer, { count: "11" });
});

test("conditions are joined by AND, by OR where the first says so, and nest", async () => {
  assert.deepEqual(numbers(await emails([ours, { expr: "@status < 5" }, { expr: "@lastName = 'Odd'" }])), [1, 3]);
  assert.deepEqual(
    numbers(
      await emails([ours, { condition: [{ expr: "@status = 1", boolOperator: "OR" }, { expr: "@status = 4" }] }]),
    ),
    [1, 4],
  );
  assert.deepEqual(
    numbers(
      await emails([
        ours,
        {
          condition: [
            { condition: [{ expr: "@status < 3" }, { expr: "@lastName = 'Even'" }], boolOperator: "OR" },
            { expr: "@status = 9" },
          ],
        },
      ]),
    ),
    [0, 2, 9],
  );
  assert.deepEqual(
    numbers(
      await emails([ours, { expr: "@status = 1", enabledIf: "1 = 0" }, { expr: "@status > 8", enabledIf: "true" }]),
    ),
    [9, 10],
  );
});

test("operators: IN, NOT IN, LIKE with escapes, IS NULL, NOT, and functions", async () => {
  assert.deepEqual(numbers(await emails([ours, { expr: "@status IN (1, 2)" }])), [1, 2]);
  assert.deepEqual(numbers(await emails([ours, { expr: "@status NOT IN (1, 2)" }, { expr: "@status < 4" }])), [0, 3]);
  assert.deepEqual(numbers(await emails([ours, { expr: "@email LIKE 'p0%' AND @status > 7" }])), [8, 9]);
  assert.deepEqual(numbers(await emails([ours, { expr: "@email LIKE 'p\\_0%'" }])), []);
  assert.deepEqual(numbers(await emails([ours, { expr: "@phone IS NULL" }])), all);
  assert.deepEqual(numbers(await emails([ours, { expr: "NOT (@status < 9)" }])), [9, 10]);
  assert.deepEqual(numbers(await emails([ours, { expr: "Lower(@lastName) = 'odd' and Mod(@status, 3) = 0" }])), [3, 9]);
});

test("values that a client escapes never change the query", async () => {
  const evil = "x' OR 1=1 --\\";
  const expr = sdk.escapeXtk`@lastName = ${evil}`;
  assert.deepEqual(await emails([ours, { expr }]), []);
  assert.deepEqual(
    await emails([ours, { expr: sdk.escapeXtk`@lastName = ${"Odd"} and @email = ${"p01@query.example"}` }]),
    ["p01@query.example"],
  );
});

test("date literals with slashes, with dashes and as a whole moment", async () => {
  for (const literal of ["#1972/02/28#", "#1972-02-28#"])
    assert.deepEqual(numbers(await emails([ours, { expr: `@birthDate = ${literal}` }])), [2], literal);
  assert.deepEqual(numbers(await emails([ours, { expr: "@created > #2001-02-03T04:05:06.789Z#" }])), all);
  assert.deepEqual(numbers(await emails([ours, { expr: "@created < #2001-02-03T04:05:06.789Z#" }])), []);
});

test("links, one and two levels, in select, where and orderBy; an alias moves a value", async () => {
  const answer = await select(
    [
      "[folder/@name]",
      "[folder/parent/@name]",
      { expr: "@email", alias: "@mail" },
      { expr: "@lastName", alias: "who/@name" },
    ],
    {
      where: { condition: [ours, { expr: "[folder/@id] = [@folder-id]" }, { expr: "@status = 0" }] },
      orderBy: { node: [{ expr: "[folder/@name]" }, { expr: "@email" }] },
    },
  );
  const row = at(answer, "recipient", 0);
  assert.equal(at(row, "mail"), "p00@query.example");
  assert.equal(at(row, "who", "name"), "Even");
  assert.equal(typeof at(row, "folder", "name"), "string");
  assert.equal(typeof at(row, "folder", "parent", "name"), "string");
});

test("orderBy up and down over several fields; windows of lineCount and startLine cover every row once", async () => {
  const sorted = await select(["@email"], {
    orderBy: { node: [{ expr: "@lastName", sortDesc: true }, { expr: "@email" }] },
  });
  const rows = at(sorted, "recipient");
  const found = Array.isArray(rows) ? rows.map((row) => String(at(row, "email"))) : [];
  assert.deepEqual(numbers(found), [1, 3, 5, 7, 9, 0, 2, 4, 6, 8, 10]);
  const pages: string[][] = [];
  for (let startLine = 0; startLine < 16; startLine += 4) pages.push(await emails([ours], { lineCount: 4, startLine }));
  assert.deepEqual(
    pages.map((page) => page.length),
    [4, 4, 3, 0],
  );
  assert.deepEqual(numbers(pages.flat()), all);
});

test("aggregates, groupBy by attribute and by element, having, distinct", async () => {
  const byAttribute = await select(
    [
      { expr: "@lastName", groupBy: true },
      { expr: "Count(@id)", alias: "@total" },
    ],
    {
      orderBy: { node: [{ expr: "@lastName" }] },
    },
  );
  assert.deepEqual(byAttribute, {
    recipient: [
      { lastName: "Even", total: "6" },
      { lastName: "Odd", total: "5" },
    ],
  });
  const byElement = await select(["@lastName", { expr: "Max(@status)", alias: "@most" }], {
    groupBy: { node: [{ expr: "@lastName" }] },
    having: { condition: [{ expr: "CountAll() > 5" }] },
  });
  assert.deepEqual(byElement, { recipient: [{ lastName: "Even", most: "10" }] });
  const distinct = await select(["@lastName"], { distinct: true, orderBy: { node: [{ expr: "@lastName" }] } });
  assert.deepEqual(distinct, { recipient: [{ lastName: "Even" }, { lastName: "Odd" }] });
  assert.deepEqual(await select([{ expr: "Sum(@status)", alias: "@sum" }]), { recipient: [{ sum: "55" }] });
});

test("EXISTS and NOT EXISTS over a collection link; IN and NOT IN a sub-query, also one that names the outer row", async () => {
  const inGroup = { condition: [{ expr: "[group/@name] = 'queryGroup'" }], expr: "rcpGrpRel" };
  assert.deepEqual(numbers(await emails([ours, { ...inGroup, setOperator: "EXISTS" }])), [0, 1, 2, 3]);
  assert.deepEqual(numbers(await emails([ours, { ...inGroup, setOperator: "NOT EXISTS" }])), [4, 5, 6, 7, 8, 9, 10]);
  const subQuery = (condition: readonly Part[]): Part => ({
    schema: "nms:rcpGrpRel",
    select: { node: [{ expr: "[@recipient-id]" }] },
    where: { condition },
  });
  const inQuery = (setOperator: string, condition: readonly Part[]): Promise<string[]> =>
    emails([ours, { expr: "@id", setOperator, subQuery: subQuery(condition) }]);
  assert.deepEqual(numbers(await inQuery("IN", [{ expr: "[group/@name] = 'queryGroup'" }])), [0, 1, 2, 3]);
  assert.deepEqual(numbers(await inQuery("NOT IN", [{ expr: "[group/@name] = 'queryGroup'" }])).length, 7);
  assert.deepEqual(numbers(await inQuery("IN", [{ expr: "[@recipient-id] = [../@id]" }])), [0, 1, 2, 3]);
});

test("nested nodes answer the rows behind a link as a list within each row", async () => {
  const answer = await select(["@email", { expr: "rcpGrpRel", node: [{ expr: "[group/@label]" }] }], {
    where: { condition: [ours, { expr: "@status IN (3, 4)" }] },
    orderBy: { node: [{ expr: "@email" }] },
  });

  assert.match(JSON.stringify(at(answer, "recipient", 0)), /"label":"Query's group"/);
  assert.doesNotMatch(JSON.stringify(at(answer, "recipient", 1)), /label/);
});

test("analyze adds name and label of an enumeration's value", async () => {
  const where = { condition: [{ expr: "@email = 'p01@query.example'" }] };
  assert.deepEqual(await select([{ expr: "@gender", analyze: true }], { where }), {
    recipient: [{ gender: "1", genderName: "male", genderLabel: "Male" }],
  });
});

test("selectAll, then get answers every field; buildQuery shows SQL over table and columns", async () => {
  const built = client.NLWS.xtkQueryDef.create({
    schema: "nms:recipient",
    operation: "get",
    where: { condition: [{ expr: "@email = 'p05@query.example'" }] },
  });
  await built.selectAll(false);
  const row = await built.executeQuery();
  const schema = await client.application.getSchema("nms:recipient");
  const attributes = [...(schema?.root.children ?? [])].filter(({ name }) => name.startsWith("@"));
  assert.ok(attributes.length > 30);
  for (const { name } of attributes) assert.notEqual(at(row, name.slice(1)), undefined, `${name} is answered`);
  const sql = await client.NLWS.xtkQueryDef
    .create({
      schema: "nms:recipient",
      operation: "select",
      select: { node: [{ expr: "@email" }] },
      where: { condition: [{ expr: "@lastName = 'O\\'Hara'" }] },
    })
    .buildQuery();
  assert.match(String(sql), /select .*email.* from .*nms_recipient.*O''Hara/is);
});

test("the same query in XML answers an element", async () => {
  const document = sdk.DomUtil.parse(
    `<queryDef schema="nms:recipient" operation="select"><select><node expr="@email"/></select><where><condition expr="@email='p07@query.example'"/></where></queryDef>`,
  );
  const answer = await client.NLWS.xml.xtkQueryDef.create(document).executeQuery();
  assert.match(sdk.DomUtil.toXMLString(answer), /<recipient-collection[^>]*><recipient email="p07@query.example"\/>/);
});

test("what is wrong with a query is a fault with its code, never an empty answer", async () => {
  const wrong: [Part, RegExp][] = [
    [{ select: { node: [{ expr: "@nope" }] } }, /XTK-170036/],
    [{ where: { condition: [{ expr: "@email = 'x" }] } }, /XTK-1700/],
    [{ where: { condition: [{ expr: "Nope(@email) = 1" }] } }, /XTK-1700/],
    [{ where: { condition: [{ expr: "(@email = 'x'" }] } }, /XTK-170006/],
    [{ where: { condition: [{ sql: "1 = 1" }] } }, /XTK-1700\d\d .*SQL is not accepted/],
    [{ schema: "nms:nowhere" }, /nms:nowhere/],
    [{ operation: "explode" }, /XTK-1700\d\d .*operation/],
    [{ lineCount: "many" }, /lineCount/],
  ];
  for (const [rest, expected] of wrong)
    await assert.rejects(select(["@email"], rest), (error: Refusal) => {
      assert.equal(error.statusCode, 500);
      assert.equal(error.errorCode, "SOP-330011");
      assert.match(error.detail ?? "", expected);
      assert.match(error.detail ?? "", /\nSOP-330011 [^\n]*$/);
      return true;
    });
});
