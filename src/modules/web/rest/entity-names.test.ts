import assert from "node:assert/strict";
import { test } from "node:test";

import { type Schema, schemaId } from "#schemas/schema.ts";
import { builtInSchemas, type SchemaSet } from "#schemas/schema-set.ts";

import { entityNames, inKebabCase, pluralOf } from "./entity-names.ts";
import { restMethods } from "./methods/rest-methods.ts";

test("names are words with hyphens in the plural", () => {
  const words = ["recipient", "delivery", "address", "status", "box", "key", "branch", "rights"];
  const plurals = ["recipients", "deliveries", "addresses", "status", "boxes", "keys", "branches", "rights"];
  assert.deepEqual(words.map(pluralOf), plurals);
  assert.deepEqual(["trackingUrl", "GetURL", "exportXMLFile", "a_b"].map(inKebabCase), [
    "tracking-url",
    "get-url",
    "export-xml-file",
    "a-b",
  ]);
});

test("every entity that is not hidden has one name, which leads back to it", () => {
  const names = entityNames(builtInSchemas);
  const open = builtInSchemas.all().filter(({ isHidden }) => isHidden !== true);
  assert.equal(names.all.length, open.length);
  for (const { name, schema } of names.all) {
    assert.match(name, /^[a-z]+(-[a-z0-9]+)*$/);
    assert.equal(names.find(name), schema);
    assert.equal(names.find(schemaId(schema)), schema);
  }
  assert.deepEqual(
    ["nms:recipient", "nms:delivery", "xtk:workflow", "nms:broadLogRcp"].map((id) => {
      const schema = builtInSchemas.find(id);
      return schema && names.nameOf(schema);
    }),
    ["recipients", "deliveries", "workflows", "delivery-logs"],
  );
  assert.equal(names.find("xtk:idempotencyKey"), undefined, "a hidden one is not there");
});

test("an operator's schema that would take a name has its namespace in front, and so has one that would take a word of ours", () => {
  const recipient = builtInSchemas.find("nms:recipient");
  assert.ok(recipient);
  const own = (name: string): Schema => ({ ...recipient, namespace: "cus", name });
  const all = [...builtInSchemas.all(), own("recipient"), own("session"), own("apiToken")];
  const set: SchemaSet = { all: () => all, find: (id) => all.find((schema) => schemaId(schema) === id), version: "x" };
  const names = entityNames(set);
  assert.equal(names.find("recipients"), recipient);
  assert.equal(names.find("cus-recipients"), all.at(-3));
  assert.equal(names.find("api-tokens"), undefined);
});

test("no two methods share an address, and none that of something else", () => {
  const names = entityNames(builtInSchemas);
  const addresses = restMethods(names).map(
    ({ resource, name, schema }) => `${resource}/${schema === undefined ? "" : "{id}/"}${name}`,
  );
  assert.equal(new Set(addresses).size, addresses.length);
  assert.ok(addresses.includes("workflows/{id}/start"), "the id of a row stands in the address");
  assert.ok(addresses.includes("jobs/{id}/get-status"));
  assert.ok(!addresses.some((address) => address.endsWith("/bulk")));
});
