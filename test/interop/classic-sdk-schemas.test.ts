import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import sdk, { type Client, type SchemaNode } from "@adobe/acc-js-sdk";

import { schemaId } from "#schemas/schema.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { services } from "#schemas/services.ts";
import { aClient, at, type Refusal } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { aWeb } from "#test/support/web.ts";

let client: Client;
const ending = inReverse({ after });

before(async () => {
  const web = await aWeb(ending);
  client = await aClient(web.url);
});

const visible = builtInSchemas.all().filter(({ isHidden }) => isHidden !== true);

test("the SDK loads every schema: keys with fields, links that lead somewhere and join, enumerations with values", async () => {
  assert.ok(visible.length > 30);
  for (const declared of visible) {
    const id = schemaId(declared);
    const schema = await client.application.getSchema(id);
    assert.ok(schema !== null, `${id} is there`);
    assert.match(schema.md5, /^[0-9A-F]{32}$/);
    const keys = [...schema.root.keys];
    assert.ok(keys.length >= 1 && keys.length <= declared.keys.length, `${id} has its keys`);
    assert.ok(keys[0]?.isInternal === true && keys.every(({ fields }) => fields.length > 0), `${id} has whole keys`);
    for (const [name, link] of Object.entries(declared.links ?? {})) {
      if (builtInSchemas.find(link.target)?.isHidden === true) continue;
      const node: SchemaNode | undefined = schema.root.children[name];
      assert.ok(node?.isLink === true, `${id} has the link ${name}`);
      assert.equal(node.isCollection, link.cardinality === "many");
      assert.equal((await node.joinNodes())?.length, link.join.length, `${id}, ${name} joins`);
      assert.ok((await node.linkTarget()) !== undefined, `${id}, ${name} leads to ${link.target}`);
    }
  }
});

test("the schema of recipients, as programs use it", async () => {
  const schema = await client.application.getSchema("nms:recipient");
  const email = await schema?.root.findNode("@email");
  assert.deepEqual([email?.label, email?.type], ["E-mail", "string"]);
  assert.equal((await schema?.root.findNode("location/@city"))?.label, "City");
  assert.equal((await schema?.root.findNode("[folder/@name]".slice(1, -1)))?.name, "@name");
  const gender = await (await schema?.root.findNode("@gender"))?.enumeration();
  assert.equal(gender?.values["female"]?.value, 2);
  assert.match((await schema?.root.computeString()) ?? "", /@lastName/);
  assert.equal((await schema?.root.findNode("@age"))?.expr !== "", true);
  assert.equal((await schema?.root.children["folder"]?.reverseLink())?.name, "recipient");
});

test("getSysEnum and getSchema answer in the client's representation; an unknown schema is null", async () => {
  assert.equal(at(await client.getSysEnum("nms:recipient:gender"), "name"), "gender");
  assert.equal(at(await client.getSchema("nms:recipient"), "namespace"), "nms");
  assert.match(
    sdk.DomUtil.toXMLString(await client.getSchema("xtk:session", "xml")),
    /^<schema [^>]*namespace="xtk" name="session"/,
  );
  assert.equal(await client.getSchema("nms:nowhere"), null);
  assert.equal(await client.application.getSchema("xtk:logonGuard"), null);
});

test("a document is sent again only when it has changed; one that must exist and does not is a fault", async () => {
  const { xtkSession } = client.NLWS;
  const first = await xtkSession.getEntityIfMoreRecent("xtk:schema|nms:recipient", "", true);
  const md5 = at(first, "md5");
  assert.equal(typeof md5, "string");
  assert.equal(
    Object.keys((await xtkSession.getEntityIfMoreRecent("xtk:schema|nms:recipient", md5, true)) ?? {}).length,
    0,
  );
  await assert.rejects(
    xtkSession.getEntityIfMoreRecent("xtk:schema|nms:nowhere", "", true),
    (error: Refusal) => error.errorCode === "SOP-330011" && /XFR-180000/.test(error.detail ?? ""),
  );
});

test("a source schema that is written is read back as it was written", async () => {
  const source = sdk.DomUtil.parse(
    `<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="sample" label="Sample" labelSingular="Sample" mappingType="sql"><element name="sample" autopk="true" label="Sample"><attribute name="code" type="string" length="40" label="Code &amp; more"/></element></srcSchema>`,
  );
  await client.NLWS.xml.xtkSession.write(source);
  const read = await client.getEntityIfMoreRecent("xtk:srcSchema", "cus:sample", "xml");
  const text = sdk.DomUtil.toXMLString(read);
  assert.match(text, /<srcSchema /);
  assert.match(text, /<element name="sample" autopk="true" label="Sample"><attribute name="code"/);
  assert.match(text, / md5="[^"]+"/);
});

test("the source of a schema that the product ships is its document", async () => {
  const text = sdk.DomUtil.toXMLString(await client.getEntityIfMoreRecent("xtk:srcSchema", "nms:recipient", "xml"));
  assert.match(text, /^<srcSchema [^>]*xtkschema="xtk:srcSchema"/);
  assert.match(text, /<attribute name="email"/);
});

test("every declared method of every service is described with typed parameters", async () => {
  const known =
    /^(string|memo|boolean|byte|short|long|int64|float|double|date|datetime|primarykey|DOMDocument|DOMElement|\w+[A-Z]\w+)$/;
  for (const { name, methods } of services) {
    const text = sdk.DomUtil.toXMLString(await client.getSchema(name, "xml"));
    if (text.includes("<methods"))
      for (const method of methods)
        assert.match(text, new RegExp(`<method name="${method.name}"`), `${name}#${method.name}`);
    for (const [, type = ""] of text.matchAll(/<param [^>]*type="([^"]*)"/g)) assert.match(type, known);
  }
});

test("the interface of entities stands in the schema of sessions, and every schema implements it", async () => {
  const session = sdk.DomUtil.toXMLString(await client.getSchema("xtk:session", "xml"));
  assert.match(session, /<schema [^>]*implements="xtk:persist"/);
  assert.match(session, /<interface name="persist"[^>]*><method name="Write"/);
  assert.match(sdk.DomUtil.toXMLString(await client.getSchema("nms:delivery", "xml")), /implements="xtk:persist"/);
  await client.NLWS.xtkPersist.write({ xtkschema: "nms:group", name: "byPersist", label: "By persist" });
});
