import assert from "node:assert/strict";
import { test } from "node:test";

import { updateStructure } from "#campaign/structure/update-structure.ts";
import { aRest } from "#test/support/rest.ts";
import { storeSource } from "#test/support/schema-store.ts";
import { until } from "#test/support/until.ts";

const loyalty = `<srcSchema namespace="cus" name="recipient" extendedSchema="nms:recipient" label="Recipients of ours">
  <enumeration name="level" basetype="byte" default="bronze">
    <value name="bronze" label="Bronze" value="0"/><value name="silver" label="Silver" value="1"/>
  </enumeration>
  <element name="recipient">
    <attribute name="loyaltyLevel" label="Loyalty" type="byte" enum="level"/>
    <element name="score"><attribute name="last12Months" type="long"/></element>
    <attribute name="shoeSize" type="short" xml="true"/>
    <element name="store" type="link" target="cus:store" revLink="clients"/>
  </element>
</srcSchema>`;

const store = `<srcSchema namespace="cus" name="store" label="Stores" labelSingular="Store">
  <element name="store" autopk="true">
    <key name="code"><keyfield xpath="@code"/></key>
    <attribute name="code" type="string" length="10" required="true"/>
  </element>
</srcSchema>`;

test("what an operator adds to the schemas is there at once: entity, fields, links, and their description", async (t) => {
  const rest = await aRest(t);
  const { db } = rest.web.context;
  assert.equal((await rest.call("GET", "/stores")).status, 404);
  await storeSource(db, "recipient", loyalty);
  await storeSource(db, "store", store);
  await updateStructure(db, { mayLose: false });
  await until(async () => (await rest.call("GET", "/stores")).status === 200, "the new entity");

  assert.equal((await rest.call("POST", "/stores", { code: "A1" })).status, 201);
  assert.equal((await rest.call("POST", "/stores", { code: "longer than ten" })).status, 400);
  const person = {
    email: "ann@example.com",
    loyaltyLevel: "silver",
    score: { last12Months: 12 },
    shoeSize: 38,
    store: { code: "A1" },
  };
  const made = await rest.call("POST", "/recipients", person);
  assert.equal(made.status, 201, made.text);
  const query = "loyaltyLevel=silver&store/code=A1&shoeSize=38&sort=-score/last12Months";
  const found = await rest.call("GET", `/recipients?${query}&fields=email,loyaltyLevel,score,shoeSize,store/code`);
  assert.deepEqual(found.json["items"], [person], found.text);
  const clients = await rest.call("GET", "/stores/code=A1?fields=code,clients/email");
  assert.deepEqual(clients.json, { code: "A1", clients: [{ email: "ann@example.com" }] }, clients.text);

  const { paths, components } = (await rest.call("GET", "/openapi.json")).json as {
    paths: object;
    components: { schemas: Record<string, { properties: object }> };
  };
  assert.ok("/api/v1/stores/{id}" in paths);
  assert.ok("loyaltyLevel" in (components.schemas["RecipientInput"]?.properties ?? {}));
});
