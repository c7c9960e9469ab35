import assert from "node:assert/strict";
import { test } from "node:test";

import type { Viewer } from "#datamodel/viewer.ts";
import type { EntityInput } from "#datamodel/write/entity-input.ts";
import { readXml } from "#protocols/soap/read-xml.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";

import { readEntity, schemaOfDocument } from "./read-entity.ts";

const viewer: Viewer = { operatorId: 1, login: "admin", rights: ["admin"], groupIds: [], folderId: 0, timezone: "UTC" };

function read(text: string): EntityInput {
  const root = readXml(text);
  return readEntity(builtInSchemas, schemaOfDocument({ schemas: builtInSchemas, viewer }, root), root);
}

test("attributes, elements of the same table, links and collections are told apart by the schema", () => {
  const entity = read(
    `<any xtkschema="nms:recipient" _operation="update" _key="@email, [@folder-id]" _cs="shown" email="a@b.c" folder-id="12">
       <location city="Paris" zipCode="75001"/>
       <folder _operation="none" _key="@name" name="root"/>
       <rcpGrpRel group-id="1"/><rcpGrpRel><group name="two"/></rcpGrpRel></any>`,
  );
  assert.deepEqual(
    [entity.schema, entity.operation, entity.key],
    ["nms:recipient", "update", ["@email", "[@folder-id]"]],
  );
  assert.deepEqual(Object.fromEntries(entity.values), {
    email: "a@b.c",
    "folder-id": "12",
    "location/city": "Paris",
    "location/zipCode": "75001",
  });
  const folder = entity.links.get("folder");
  assert.deepEqual([folder?.schema, folder?.operation, folder?.values.get("name")], ["xtk:folder", "none", "root"]);
  const [one, two] = entity.collections.get("rcpGrpRel") ?? [];
  assert.equal(one?.values.get("group-id"), "1");
  assert.equal(two?.links.get("group")?.values.get("name"), "two");
});

test("the text of an element is a value: in pieces, in CDATA, empty", () => {
  const html = (content: string): unknown =>
    read(
      `<delivery xtkschema="nms:delivery"><content><html><source>${content}</source></html></content></delivery>`,
    ).values.get("content/html/source");
  assert.equal(html("<![CDATA[<p>]]>&amp;<!-- no --> x"), "<p>& x");
  assert.equal(html(""), "");
});

test("a document is kept whole, without what says how it is written", () => {
  const entity = read(
    `<srcSchema xtkschema="xtk:srcSchema" _operation="insert" namespace="cus" name="x" label="X" library="cus:x"><element name="x"><attribute name="a"/></element></srcSchema>`,
  );
  assert.equal(
    entity.values.get("document"),
    '<srcSchema namespace="cus" name="x" label="X" library="cus:x"><element name="x"><attribute name="a"/></element></srcSchema>',
  );
  assert.deepEqual([entity.values.get("namespace"), entity.values.get("name")], ["cus", "x"]);
  assert.equal(entity.values.has("library"), false);
});

test("what cannot be read is refused with the name of its schema", () => {
  const wrong: [string, RegExp][] = [
    ["<recipient/>", /does not say which schema/],
    [`<a xtkschema="nms:nowhere"/>`, /no schema 'nms:nowhere'/],
    [`<a xtkschema="xtk:logonGuard"/>`, /no schema 'xtk:logonGuard'/],
    [`<a xtkschema="nms:recipient" _operation="drop"/>`, /nms:recipient.*_operation 'drop'/],
    [`<a xtkschema="nms:recipient"><nope b="1"/></a>`, /no element 'nope'/],
    [`<a xtkschema="nms:recipient"><folder/><folder/></a>`, /'folder' stands in it twice/],
    [`<a xtkschema="nms:recipient">text</a>`, /holds text/],
    [
      `<a xtkschema="nms:delivery"><content><html><source><b/></source></html></content></a>`,
      /'content\/html\/source' holds text, not the element 'b'/,
    ],
  ];
  for (const [text, expected] of wrong) assert.throws(() => read(text), expected, text);
});
