import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldsOf } from "#schemas/fields.ts";
import { schemas } from "#schemas/index.ts";
import { listLabels } from "#schemas/list-labels.ts";
import { recipient } from "#schemas/recipient.ts";
import { type Link, type Schema, schemaId } from "#schemas/schema.ts";
import { aDatabase } from "#test/support/database.ts";

import { compileWhere } from "./compile-where.ts";
import { evaluateCondition } from "./expression/evaluate-condition.ts";
import { viewerParameters } from "./rights/trusted-condition.ts";
import { server } from "./viewer.ts";

const byId = new Map<string, Schema>(schemas.map((schema) => [schemaId(schema), schema]));

test("schemas, tables and columns are named once and as Classic names them", () => {
  assert.equal(byId.size, schemas.length);
  assert.equal(new Set(schemas.map(({ table }) => table)).size, schemas.length);
  assert.deepEqual(
    schemas.map(({ restName }) => restName).filter((name) => name !== undefined && !/^[a-z]+(-[a-z]+)*$/.test(name)),
    [],
  );
  for (const schema of schemas) {
    const columns = Object.values(schema.attributes).map(({ column }) => column);
    assert.equal(new Set(columns).size, columns.length, schemaId(schema));
    for (const column of columns) assert.match(column, /^[a-z][a-z0-9_]*$/, schemaId(schema));
    const paths = [...Object.keys(schema.attributes), ...fieldsOf(schema).map(({ path }) => path)];
    for (const path of paths) assert.match(path, /^([a-z]\w*\/)*[a-z][A-Za-z0-9]*(-id)?$/, schemaId(schema));
  }
});

test("a path names one thing: a field, a link, or an element that holds fields", () => {
  for (const schema of schemas) {
    const paths = [
      ...Object.keys(schema.attributes),
      ...Object.keys(schema.dataFields ?? {}),
      ...Object.keys(schema.computedFields ?? {}),
    ];
    assert.equal(new Set(paths).size, paths.length, schemaId(schema));
    const elements = new Set(paths.filter((path) => path.includes("/")).map((path) => path.split("/")[0]));
    for (const link of Object.keys(schema.links ?? {}))
      assert.ok(!elements.has(link), `${schemaId(schema)} link ${link} is an element too`);
  }
});

test("everything that people read has a text in plain words, under a key of its own", () => {
  const keys = schemas.flatMap((schema) => Object.keys(listLabels(schema)));
  assert.equal(new Set(keys).size, keys.length);
  for (const [key, text] of schemas.flatMap((schema) => Object.entries(listLabels(schema)))) {
    assert.match(text, key.endsWith("#description") ? /^\S+( \S+)*$/ : /^[A-Z]\S*( \S+)*$/, key);
  }
  assert.equal(listLabels(recipient)["nms:recipient/location/city"], "City");
  assert.equal(listLabels(recipient)["nms:recipient:gender/male"], "Male");
});

test("a key is made of attributes that always have a value, or may be empty without meaning anything", () => {
  for (const schema of schemas) {
    for (const [index, { attributes }] of schema.keys.entries()) {
      assert.ok(attributes.length > 0);
      for (const name of attributes) {
        const attribute = schema.attributes[name];
        assert.ok(attribute, `${schemaId(schema)} key ${name}`);
        const isFilled = [attribute.required, attribute.default, attribute.sequenceCache].some((x) => x !== undefined);
        assert.ok(isFilled || index > 0, `${schemaId(schema)} primary key ${name} may be null`);
      }
    }
  }
});

test("every link leads to a schema, joins attributes of one type, and is declared at both ends alike", () => {
  for (const [schema, name, link] of allLinks()) {
    const where = `${schemaId(schema)} link ${name}`;
    const target = byId.get(link.target);
    assert.ok(target, `${where} leads to ${link.target}`);
    for (const { from, to } of link.join) {
      assert.ok(schema.attributes[from], `${where} joins ${from}`);
      assert.equal(target.attributes[to]?.type, schema.attributes[from]?.type, `${where} joins ${from} and ${to}`);
    }
    if (link.reverse === undefined) continue;
    const reverse = target.links?.[link.reverse];
    assert.ok(reverse, `${where}: ${link.target} has no link ${link.reverse}`);
    assert.equal(reverse.target, schemaId(schema), where);
    assert.equal(reverse.reverse, name, where);
    assert.notEqual(reverse.cardinality, link.cardinality, where);
    assert.deepEqual(
      reverse.join,
      link.join.map(({ from, to }) => ({ from: to, to: from })),
      where,
    );
  }
});

test("a link to one row joins all of a key of its target, so that rows never multiply", () => {
  for (const [schema, name, link] of allLinks()) {
    const { keys = [] } = byId.get(link.cardinality === "one" ? link.target : schemaId(schema)) ?? {};
    const joined = link.join.map(({ from, to }) => (link.cardinality === "one" ? to : from));
    assert.ok(
      keys.some(({ attributes }) => attributes.every((attribute) => joined.includes(attribute))),
      `${schemaId(schema)} link ${name} joins ${joined.join(", ")}, no key`,
    );
  }
});

test("a link to many says what becomes of its rows, and those that go along are found by an index", () => {
  for (const [schema, name, link] of allLinks()) {
    if (link.cardinality !== "many") continue;
    const where = `${schemaId(schema)} link ${name}`;
    assert.ok(link.integrity, where);
    const target = byId.get(link.target);
    if (link.integrity === "neutral" || target === undefined) continue;
    if (target.attributes[link.join[0]?.to ?? ""]?.column === "folder_id") continue;
    const leading = [
      ...target.keys.map(({ attributes }) => attributes[0]),
      ...(target.indexes ?? [])
        .filter(({ where }) => where === undefined || where.endsWith(" <> 0") || link.where !== undefined)
        .map(({ attributes }) => attributes[0]),
    ];
    const isRare = rareLinks.has(`${schemaId(schema)}/${name}`);
    assert.ok(isRare || leading.includes(link.join[0]?.to), `${where}: ${link.target} has no index for it`);
  }
});

/** Followed when one row of the configuration is deleted, over a table that stays small. */
const rareLinks = new Set([
  "nms:budget/operation",
  "nms:deliveryMapping/delivery",
  "nms:extAccount/delivery",
  "nms:mailRuleSet/domainRule",
  "nms:mailRuleSet/emailFormatRule",
  "nms:mailRuleSet/mxRule",
  "nms:operation/workflow",
  "nms:service/delivery",
  "nms:typology/delivery",
  "xtk:operator/task",
  "xtk:rights/groupRight",
  "xtk:rights/operatorRight",
]);

test("rights hang on a folder of the row or on rows that it belongs to", () => {
  for (const schema of schemas) {
    const { folderAttribute, rightsThrough = [], access } = schema;
    assert.ok(folderAttribute === undefined || rightsThrough.length === 0, schemaId(schema));
    for (const name of rightsThrough) {
      const link = schema.links?.[name];
      assert.equal(link?.cardinality, "one", `${schemaId(schema)} has its rights through ${name}`);
    }
    if (folderAttribute === "folder-id") {
      const reverse = schema.links?.["folder"]?.reverse ?? "";
      assert.equal(byId.get("xtk:folder")?.links?.[reverse]?.integrity, "define", schemaId(schema));
    } else assert.ok(folderAttribute === undefined || schemaId(schema) === "xtk:folder");
    if (schema.isHidden === true) assert.deepEqual(access, { read: "server", write: "server" }, schemaId(schema));
    if (folderAttribute === undefined && rightsThrough.length === 0)
      assert.ok(access?.write, `${schemaId(schema)}: everyone could write it`);
  }
});

test("every named right that a schema asks for, and every list that a field names, is there in a new instance", async (t) => {
  const db = await aDatabase(t);
  const rights = new Set(await db.rows(nameOf)`select name from xtk_named_right`);
  const lists = new Set(await db.rows(nameOf)`select name from xtk_enum`);
  for (const schema of schemas) {
    for (const admission of [schema.access?.read, schema.access?.write])
      if (typeof admission === "object")
        assert.ok(rights.has(admission.right), `${schemaId(schema)}: ${admission.right}`);
    for (const { declaration, path } of fieldsOf(schema)) {
      const list = "openEnumeration" in declaration ? declaration.openEnumeration : undefined;
      if (list !== undefined) assert.ok(lists.has(list), `${schemaId(schema)} ${path}: ${list}`);
    }
  }
  const folders = new Set(await db.rows(nameOf)`select schema_name as name from xtk_folder`);
  for (const schema of schemas)
    if (schema.folderAttribute === "folder-id") assert.ok(folders.has(schemaId(schema)), schemaId(schema));
});

function nameOf(row: unknown): string {
  return (row as { name: string }).name;
}

test("expressions of schemas name fields that exist, and can be compiled", () => {
  const parameters = viewerParameters(server);
  for (const schema of schemas) {
    const check = (on: Schema, condition: string): void => {
      assert.doesNotThrow(() => compileWhere(on, condition, { parameters }), `${schemaId(schema)}: ${condition}`);
    };
    for (const { expression } of Object.values(schema.computedFields ?? {})) check(schema, `(${expression}) IS NULL`);
    if (schema.computeString !== undefined) check(schema, `(${schema.computeString}) IS NULL`);
    for (const { conditions } of schema.systemFilters ?? [])
      for (const { expression, enabledIf } of conditions) {
        check(schema, expression);
        if (enabledIf !== undefined) evaluateCondition(enabledIf, { parameters, hasRight: () => true });
      }
    for (const { where, target } of Object.values<Link>(schema.links ?? {})) {
      const reached = byId.get(target);
      if (where !== undefined && reached !== undefined) check(reached, where);
    }
  }
});

test("an enumeration has each name and each value once, and the default is one of them", () => {
  for (const schema of schemas) {
    const byName = new Map<string, unknown>();
    for (const { path, type, declaration } of fieldsOf(schema)) {
      const { enumeration } = declaration;
      if (enumeration === undefined) continue;
      const where = `${schemaId(schema)} ${path}`;
      const values = enumeration.values.map(({ value }) => value);
      assert.equal(new Set(values).size, values.length, where);
      assert.equal(new Set(enumeration.values.map(({ name }) => name)).size, values.length, where);
      for (const value of values) assert.equal(typeof value, type === "string" ? "string" : "number", where);
      const preset = "default" in declaration ? declaration.default : undefined;
      if (preset !== undefined)
        assert.ok(
          values.some((value) => value === preset),
          `${where} = ${String(preset)}`,
        );
      if (byName.has(enumeration.name)) assert.deepEqual(byName.get(enumeration.name), enumeration.values, where);
      byName.set(enumeration.name, enumeration.values);
    }
  }
});

test("what the writer fills has the type that it fills in, and documents have their place", () => {
  for (const schema of schemas) {
    for (const [path, { stamp, type }] of Object.entries(schema.attributes)) {
      if (stamp !== undefined)
        assert.equal(type, stamp.endsWith("By") ? "int64" : "datetime", `${schemaId(schema)} ${path}`);
    }
    const { data, [schema.documentAttribute ?? ""]: document } = schema.attributes;
    if (schema.dataFields !== undefined) assert.ok(data?.type === "json" && data.isInternal === true, schemaId(schema));
    else assert.equal(data, undefined, schemaId(schema));
    if (schema.documentAttribute !== undefined) assert.equal(document?.type, "xml", schemaId(schema));
  }
});

function allLinks(): [Schema, string, Link][] {
  return schemas.flatMap((schema) =>
    Object.entries<Link>(schema.links ?? {}).map(([name, link]): [Schema, string, Link] => [schema, name, link]),
  );
}
