import assert from "node:assert/strict";
import { test } from "node:test";

import { openDatabase } from "#foundation/database.ts";
import { schemas } from "#schemas/index.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";
import { aDatabase, anEmptyDatabaseAddress } from "#test/support/database.ts";

import { bookkeepingTables, type CatalogTable } from "./catalog.ts";
import { readCatalog, runDefinition } from "./catalog-store.ts";
import { draftMigration } from "./draft-migration.ts";
import { readExpectedCatalog } from "./expected-catalog.ts";
import { renderTable } from "./render-catalog.ts";

test("the migrations make exactly the tables, columns, keys and indexes that the schemas say", async (t) => {
  const db = await aDatabase(t);
  const actual = (await readCatalog(db)).filter(({ name }) => !bookkeepingTables.includes(name));
  const expected = await readExpectedCatalog(db, schemas);
  assert.deepEqual(
    actual.map(({ name }) => name),
    expected.map(({ name }) => name),
  );
  for (const [index, table] of actual.entries()) assert.deepEqual(comparable(table), comparable(expected[index]));
  assert.deepEqual(draftMigration(actual, expected), []);
});

/** Comments and storage options belong to the migrations alone; the order of columns has no meaning. */
function comparable(table: CatalogTable | undefined): unknown {
  return {
    ...table,
    comment: undefined,
    defaultPartition: table?.defaultPartition?.name,
    columns: table?.columns
      .map((column) => ({ ...column, comment: undefined }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

test("a difference in any direction is seen, and the draft of a migration takes it away", async (t) => {
  const db = await aDatabase(t);
  for (const statement of [
    "alter table nms_recipient drop column text5",
    "alter table nms_recipient add column shoe_size integer",
    "alter table nms_recipient alter column salutation set not null",
    "alter table nms_group alter column label drop default",
    "alter table nms_address alter column error_count type bigint",
    "drop index nms_rcp_grp_rel_recipient",
    "create index extra on nms_group (label)",
    "alter table xtk_option drop constraint xtk_option_name_key",
    "create table stray (a int)",
    "drop table nms_tracking_cursor",
  ]) {
    await runDefinition(db, statement);
  }
  const expected = await readExpectedCatalog(db, schemas);
  const draft = draftMigration(await readCatalog(db), expected);
  assert.equal(draft.length, 10);
  assert.ok(draft.includes("alter table nms_recipient drop column shoe_size;"));
  assert.ok(draft.includes("drop table stray;"));
  for (const statement of draft) await runDefinition(db, statement);
  assert.deepEqual(draftMigration(await readCatalog(db), expected), []);
});

test("every link leads to a schema and joins attributes that both have", () => {
  const byId = new Map<string, Schema>(schemas.map((schema) => [schemaId(schema), schema]));
  for (const schema of schemas) {
    for (const [name, link] of Object.entries(schema.links ?? {})) {
      const target = byId.get(link.target);
      assert.ok(target, `${schemaId(schema)} link ${name} leads to ${link.target}`);
      for (const { from, to } of link.join) {
        assert.ok(schema.attributes[from], `${schemaId(schema)} link ${name} joins ${from}`);
        assert.ok(target.attributes[to], `${schemaId(schema)} link ${name} joins ${link.target} ${to}`);
      }
    }
  }
});

test("a link to one row joins all of a key of its target, so that rows never multiply", () => {
  const byId = new Map<string, Schema>(schemas.map((schema) => [schemaId(schema), schema]));
  for (const schema of schemas) {
    for (const [name, link] of Object.entries(schema.links ?? {})) {
      if (link.cardinality !== "one") continue;
      const joined = link.join.map(({ to }) => to);
      const keys = byId.get(link.target)?.keys ?? [];
      assert.ok(
        keys.some(({ attributes }) => attributes.every((attribute) => joined.includes(attribute))),
        `${schemaId(schema)} link ${name} joins ${joined.join(", ")}, no key of ${link.target}`,
      );
    }
  }
});

test("schemas, tables and paths are named once and as Classic names them", () => {
  assert.equal(new Set(schemas.map(schemaId)).size, schemas.length);
  assert.equal(new Set(schemas.map(({ table }) => table)).size, schemas.length);
  for (const schema of schemas) {
    const columns = Object.values(schema.attributes).map(({ column }) => column);
    assert.equal(new Set(columns).size, columns.length, schemaId(schema));
    for (const [name, { column }] of Object.entries(schema.attributes)) {
      assert.match(name, /^([a-z][A-Za-z0-9]*\/)?[a-z][A-Za-z0-9]*(-id)?$/, schemaId(schema));
      assert.match(column, /^[a-z][a-z0-9_]*$/, schemaId(schema));
    }
  }
});

test("the dump of a database makes the same database again", async (t) => {
  const tables = await readCatalog(await aDatabase(t));
  const empty = openDatabase({ address: await anEmptyDatabaseAddress(t), applicationName: "test", maxConnections: 1 });
  t.after(() => empty.close());
  for (const table of tables) await runDefinition(empty, renderTable(table));
  assert.deepEqual(await readCatalog(empty), tables);
});
