import assert from "node:assert/strict";
import { test } from "node:test";

import { compileWhere } from "#datamodel/compile-where.ts";
import { findField } from "#schemas/fields.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { aContext } from "#test/support/context.ts";
import { addByHand, columnsOf, forgetSources, storeSource } from "#test/support/schema-store.ts";

import { schemaSet, schemasOf } from "./instance-schemas.ts";
import { mergeDocuments } from "./merge-documents.ts";
import { planUpdate, updateStructure } from "./update-structure.ts";

const loyalty = `<srcSchema namespace="cus" name="recipient" extendedSchema="nms:recipient" label="Recipients of ours">
  <enumeration name="level" basetype="byte" default="bronze">
    <value name="bronze" label="Bronze" value="0"/><value name="silver" label="Silver" value="1"/>
  </enumeration>
  <element name="recipient">
    <attribute name="loyaltyLevel" label="Loyalty" type="byte" enum="level" default="silver"/>
    <attribute name="nickName" label="Nick name" type="string" length="60"/>
    <element name="score"><attribute name="last12Months" type="long"/></element>
    <element name="remarks" type="memo" label="Remarks"/>
    <attribute name="shoeSize" type="short" xml="true"/>
    <attribute name="calledAs" type="string" expr="Iif(@nickName = '', @firstName, @nickName)"/>
    <element name="store" type="link" target="cus:store" label="Favorite store" revLink="clients"/>
    <dbindex name="nick"><keyfield xpath="@nickName"/></dbindex>
  </element>
</srcSchema>`;

const store = `<srcSchema namespace="cus" name="store" label="Stores" labelSingular="Store">
  <element name="store" autopk="true">
    <key name="code"><keyfield xpath="@code"/></key>
    <attribute name="code" type="string" length="10" required="true"/>
    <attribute name="openedOn" type="date"/>
    <compute-string expr="@code"/>
  </element>
</srcSchema>`;

const carefully = { mayLose: false };

const both = [
  { namespace: "cus", name: "recipient", document: loyalty },
  { namespace: "cus", name: "store", document: store },
];

test("an extension adds fields, links on both ends and computed values to a schema of the product", () => {
  const merged = schemaSet(mergeDocuments(both), "1");
  const recipient = merged.find("nms:recipient");
  assert.ok(recipient !== undefined);
  assert.deepEqual(
    ["loyaltyLevel", "nickName", "score/last12Months", "remarks", "shoeSize", "calledAs"].map(
      (path) => findField(recipient, path)?.kind,
    ),
    ["stored", "stored", "stored", "stored", "data", "computed"],
  );
  assert.deepEqual(recipient.attributes["loyaltyLevel"]?.column, "cus_loyalty_level");
  assert.equal(recipient.attributes["loyaltyLevel"].default, 1);
  assert.equal(recipient.label, "Recipients of ours");
  assert.deepEqual(recipient.links?.["store"]?.join, [{ from: "store-id", to: "id" }]);
  const stores = merged.find("cus:store");
  assert.equal(stores?.table, "cus_store");
  assert.equal(stores?.links?.["clients"]?.cardinality, "many");
  assert.equal(merged.find("nms:delivery"), builtInSchemas.find("nms:delivery"));
});

test("conditions reach what an extension added", () => {
  const schemas = schemaSet(mergeDocuments(both), "1");
  const recipient = schemas.find("nms:recipient");
  assert.ok(recipient !== undefined);
  compileWhere(recipient, "[store/@code] = 'A1' AND @loyaltyLevel > 0 AND [score/@last12Months] >= 10", { schemas });
  compileWhere(recipient, "@shoeSize > 40 AND @calledAs = 'Jo'", { schemas });
});

test("the tables follow the schemas, and what is gone from them goes only when that is allowed", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await storeSource(db, "recipient", loyalty);
  await assert.rejects(planUpdate(db, carefully), {
    code: "XTK-170920",
    message: /cus:recipient.*cus:store, which does not exist/,
  });
  await storeSource(db, "store", store);
  assert.equal((await schemasOf(context)).find("cus:store"), undefined);

  const plan = await planUpdate(db, carefully);
  assert.ok(
    plan.statements.some((statement) =>
      statement.startsWith("alter table nms_recipient add column cus_nick_name text"),
    ),
  );
  assert.ok(plan.statements.some((statement) => statement.startsWith("create table cus_store")));
  assert.deepEqual(plan.losses, []);
  assert.deepEqual((await updateStructure(db, carefully)).statements, plan.statements);
  assert.deepEqual((await planUpdate(db, carefully)).statements, []);

  await addByHand(db);
  await forgetSources(db, "recipient");
  const left = await updateStructure(db, carefully);
  assert.deepEqual(
    left.statements.filter((statement) => /column|table/.test(statement)),
    [],
  );
  assert.ok(left.kept.includes("the column nms_recipient.cus_nick_name"), left.kept.join());
  assert.deepEqual((await columnsOf(db, "nms_recipient", "cus_%")).length, 5);
  await updateStructure(db, { mayLose: true });
  assert.deepEqual(await columnsOf(db, "nms_recipient", "cus_%"), []);
  assert.deepEqual(await columnsOf(db, "nms_recipient", "made_by_hand"), ["made_by_hand"]);
  assert.deepEqual(await columnsOf(db, "cus_store", "%"), ["store_id", "code", "opened_on"]);

  await forgetSources(db, "%");
  await updateStructure(db, { mayLose: true });
  assert.deepEqual(await columnsOf(db, "cus_store", "%"), []);
});

test("a schema that cannot be used is refused with what is wrong in it", () => {
  const refusals: readonly (readonly [string, RegExp])[] = [
    [
      `<srcSchema namespace="nms" name="x"><element name="x" autopk="true"/></srcSchema>`,
      /namespace nms belongs to the product/,
    ],
    [`<srcSchema namespace="cus" name="x"/>`, /needs <element name="x">/],
    [`<srcSchema namespace="cus" name="x"><element name="x"><attribute name="a"/></element></srcSchema>`, /has no key/],
    [extension(`<attribute name="email" type="long"/>`), /email exists already and is a string/],
    [extension(`<attribute name="location" type="long"/>`), /already something called location/],
    [extension(`<attribute name="data" type="string" xml="true"/>`), /already something called data/],
    [
      extension(`<attribute name="a"/><element name="a"><attribute name="b"/></element>`),
      /already something called a\/b/,
    ],
    [extension(`<attribute name="a"/><element name="a" type="link" target="xtk:folder" revLink="x"/>`), /called a/],
    [extension(`<element name="a" type="link" target="xtk:folder" revLink="label"/>`), /xtk:folder already has.*label/],
    [extension(`<attribute name="a_b"/><element name="a"><attribute name="b"/></element>`), /would share a column/],
    [extension(`<attribute name="email" _operation="delete"/>`), /email is not its own/],
    [extension(`<attribute name="x" _operation="insert"/>`), /_operation="insert" has no effect/],
    [extension(`<attribute name="x" type="blob"/>`), /type 'blob'/],
    [extension(`<attribute name="x'; drop" type="long"/>`), /no name for a field/],
    [extension(`<attribute name="x" default="Foo()"/>`), /default of x/],
    [extension(`<attribute name="x" type="byte" default="300"/>`), /no byte/],
    [extension(`<attribute name="x" enum="nope"/>`), /enumeration nope of x does not exist/],
    [extension(`<attribute name="x" expr="@nope + 1"/>`), /expression of x.*nope/],
    [extension(`<attribute name="x" sqlTable="y"/>`), /'sqlTable', which has no effect/],
    [extension(`<element name="folder" type="link" target="cus:x"/>`), /cus:x, which does not exist/],
    [extension(`<element name="folder" type="link" target="xtk:folder"/>`), /already something called folder/],
    [extension(`<dbindex name="i"><keyfield xpath="@nope"/></dbindex>`), /nope, which is no stored field/],
    [extension(`<methods/>`), /methods/],
    [extension(`<sysFilter name="other"><condition expr="1=1"/></sysFilter>`), /readAccess or writeAccess/],
    [extension(`<sysFilter name="readAccess"><condition expr="@nope = 1"/></sysFilter>`), /filter readAccess.*nope/],
    [
      `<srcSchema namespace="cus" name="recipient" extendedSchema="xtk:logonGuard"><element name="x"/></srcSchema>`,
      /./,
    ],
    [`<srcSchema namespace="cus" name="recipient"`, /cannot be used/],
    [`<!DOCTYPE x [<!ENTITY e "x">]><srcSchema namespace="cus" name="recipient">&e;</srcSchema>`, /cannot be used/],
  ];
  for (const [document, message] of refusals) {
    const [, namespace = "cus", name = "recipient"] = /namespace="(\w+)" name="(\w+)"/.exec(document) ?? [];
    assert.throws(() => mergeDocuments([{ namespace, name, document }]), { code: "XTK-170920", message }, document);
  }
  const disguised = { namespace: "cus", name: "other", document: store };
  assert.throws(() => mergeDocuments([disguised]), { message: /calls itself cus:store/ });
});

function extension(members: string): string {
  return `<srcSchema namespace="cus" name="recipient" extendedSchema="nms:recipient"><element name="recipient">${members}</element></srcSchema>`;
}

test("what a document marks as deleted is as if it did not stand there", () => {
  const document = extension(
    '<attribute name="a"/><attribute name="b" _operation="delete"/><dbindex name="i" _operation="delete"><keyfield xpath="@b"/></dbindex>',
  );
  const recipient = schemaSet(mergeDocuments([{ namespace: "cus", name: "recipient", document }]), "1").find(
    "nms:recipient",
  );
  assert.deepEqual([recipient?.attributes["a"]?.column, recipient?.attributes["b"]], ["cus_a", undefined]);
});

test("rows of a schema with a folder link have the rights of their folders", () => {
  const document = store
    .replace('autopk="true"', 'autopk="true" folderLink="place"')
    .replace(
      "<compute-string",
      '<element name="place" type="link" target="xtk:folder" revLink="stores"/><compute-string',
    );
  const schemas = schemaSet(mergeDocuments([{ namespace: "cus", name: "store", document }]), "1");
  assert.equal(schemas.find("cus:store")?.folderAttribute, "place-id");
  assert.equal(schemas.find("xtk:folder")?.links?.["stores"]?.integrity, "define");
  const wrong = document.replace('target="xtk:folder"', 'target="nms:group"');
  assert.throws(() => mergeDocuments([{ namespace: "cus", name: "store", document: wrong }]), {
    message: /folderLink/,
  });
});
