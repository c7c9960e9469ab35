import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import sdk, { type Client } from "@adobe/acc-js-sdk";

import { updateStructure } from "#campaign/structure/update-structure.ts";
import { aClient, at, query, type Refusal } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { recipientSource, storeSource } from "#test/support/loyalty-extension.ts";
import { until } from "#test/support/until.ts";
import { aWeb, type RunningWeb } from "#test/support/web.ts";

let web: RunningWeb;
let client: Client;
const ending = inReverse({ after });

before(async () => {
  web = await aWeb(ending);
  client = await aClient(web.url);
});

test("source schemas are written as documents, one at a time; one that does not fit is a fault with the reason", async () => {
  const writing = client.NLWS.xml.xtkSession;
  await assert.rejects(writing.write(sdk.DomUtil.parse(recipientSource)), (error: Refusal) => {
    assert.equal(error.errorCode, "SOP-330011");
    assert.match(error.detail ?? "", /XTK-170920.*cus:store, which does not exist/);
    return true;
  });
  await writing.write(sdk.DomUtil.parse(storeSource));
  await writing.write(sdk.DomUtil.parse(recipientSource));
  // Written again they are the same.
  await writing.write(sdk.DomUtil.parse(recipientSource));
  const stored = await client.getEntityIfMoreRecent("xtk:srcSchema", "cus:recipient", "SimpleJson");
  assert.deepEqual([at(stored, "extendedSchema"), at(stored, "name")], ["nms:recipient", "recipient"]);
  const found = await query(client, {
    schema: "xtk:srcSchema",
    operation: "select",
    select: { node: [{ expr: "@name" }, { expr: "@extendedSchema" }] },
    orderBy: { node: [{ expr: "@name" }] },
  });
  assert.deepEqual(at(found, "srcSchema"), [
    { name: "recipient", extendedSchema: "nms:recipient" },
    { name: "store", extendedSchema: "" },
  ]);
});

test("after the update the SDK loads the schema with its new members", async () => {
  assert.equal(await client.application.getSchema("cus:store"), null);
  await updateStructure(web.context.db, { mayLose: false });
  const fresh = await until(
    async () => {
      const other = await aClient(web.url);
      return (await other.application.getSchema("cus:store")) === null ? undefined : other;
    },
    "the schema to be there",
    { limitMs: 2_000 },
  );
  client = fresh;
  const schema = await client.application.getSchema("nms:recipient");
  assert.ok(schema !== null && schema !== undefined);
  const level = await schema.root.findNode("@loyaltyLevel");
  assert.equal((await level?.enumeration())?.values["gold"]?.value, 2);
  assert.equal((await schema.root.findNode("score/@last12Months"))?.type, "long");
  assert.match((await schema.root.findNode("@calledAs"))?.expr ?? "", /loyaltyLevel/);
  const store = schema.root.children["store"];
  assert.ok(store?.isLink === true);
  assert.equal((await store.linkTarget())?.name, "store");
  assert.equal((await store.reverseLink())?.name, "clients");
  const stores = await client.application.getSchema("cus:store");
  assert.equal(stores?.root.children["clients"]?.isCollection, true);
  assert.equal(await stores?.root.computeString(), "@code + ' ' + @city");
});

test("the SDK writes and reads the new fields, through the link and with nested rows", async () => {
  const { xtkSession } = client.NLWS;
  await xtkSession.writeCollection({
    xtkschema: "cus:store",
    store: [
      { code: "P1", city: "Paris" },
      {
        code: "L1",
        city: "Lyon",
        clients: [
          { email: "bob@sdk.example", points: 5 },
          { email: "cy@sdk.example", points: 9 },
        ],
      },
    ],
  });
  await xtkSession.write({
    xtkschema: "nms:recipient",
    email: "ann@sdk.example",
    loyaltyLevel: "gold",
    shoeSize: 38,
    score: { last12Months: 7, remarks: { $: "Likes tea" } },
    store: { _operation: "none", code: "P1" },
  });
  const rows = await query(client, {
    schema: "nms:recipient",
    operation: "select",
    select: {
      node: [
        { expr: "@email" },
        { expr: "@loyaltyLevel", analyze: true },
        { expr: "@shoeSize" },
        { expr: "[score/@last12Months]" },
        { expr: "score/remarks" },
        { expr: "[store/@city]" },
      ],
    },
    where: { condition: [{ expr: "@loyaltyLevel = 2" }] },
  });
  assert.deepEqual(at(rows, "recipient", 0), {
    email: "ann@sdk.example",
    loyaltyLevel: "2",
    loyaltyLevelName: "gold",
    loyaltyLevelLabel: "Gold",
    shoeSize: "38",
    score: { last12Months: "7", $remarks: "Likes tea" },
    store: { city: "Paris" },
  });
  const nested = await query(client, {
    schema: "cus:store",
    operation: "get",
    select: { node: [{ expr: "@code" }, { expr: "clients", node: [{ expr: "@email" }, { expr: "@points" }] }] },
    where: { condition: [{ expr: "@code = 'L1'" }] },
  });
  assert.deepEqual(at(nested, "clients"), [
    { email: "bob@sdk.example", points: "5" },
    { email: "cy@sdk.example", points: "9" },
  ]);
});
