import assert from "node:assert/strict";
import { test } from "node:test";

import { openDatabase } from "#foundation/database.ts";
import { schemas } from "#schemas/index.ts";
import { defineSchema } from "#schemas/schema.ts";
import { aDatabase, anEmptyDatabaseAddress } from "#test/support/database.ts";

import { bookkeepingTables, type CatalogTable } from "./catalog.ts";
import { readCatalog, readFoundations, runDefinition } from "./catalog-store.ts";
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

test("the dump of a database makes the same database again", async (t) => {
  const db = await aDatabase(t);
  const foundations = await readFoundations(db);
  const tables = await readCatalog(db);
  const empty = openDatabase({ address: await anEmptyDatabaseAddress(t), applicationName: "test", maxConnections: 1 });
  t.after(() => empty.close());
  for (const statement of foundations) await runDefinition(empty, statement);
  for (const table of tables) await runDefinition(empty, renderTable(table));
  assert.deepEqual(await readFoundations(empty), foundations);
  assert.deepEqual(await readCatalog(empty), tables);
});

test("every type has a column, and an index may be over expressions, of another method, and for some rows only", async (t) => {
  const db = await aDatabase(t);
  const types = [
    "string",
    "memo",
    "boolean",
    "byte",
    "short",
    "long",
    "int64",
    "double",
    "date",
    "datetime",
    "time",
    "timespan",
    "uuid",
    "blob",
    "json",
    "xml",
  ] as const;
  const everything = defineSchema({
    namespace: "nms",
    name: "everything",
    label: "Everything",
    labelSingular: "Everything",
    table: "nms_everything",
    attributes: Object.fromEntries(types.map((type) => [type, { type, column: `a_${type}`, label: type }])),
    keys: [{ attributes: ["long"] }],
    indexes: [
      { name: "nms_everything_words", attributes: [], expression: "a_string gin_trgm_ops", method: "gin" },
      { name: "nms_everything_recent", attributes: ["-datetime", "int64"], where: "a_boolean" },
    ],
  });
  const [table] = await readExpectedCatalog(db, [everything]);
  assert.deepEqual(
    table?.columns.map(({ type }) => type),
    [
      "text",
      "text",
      "boolean",
      "smallint",
      "smallint",
      "integer",
      "bigint",
      "double precision",
      "date",
      "timestamp with time zone",
      "time without time zone",
      "bigint",
      "uuid",
      "bytea",
      "jsonb",
      "text",
    ],
  );
  for (const statement of draftMigration([], [table ?? assert.fail()])) await runDefinition(db, statement);
  const made = (await readCatalog(db)).find(({ name }) => name === "nms_everything");
  assert.deepEqual(made, table);
  assert.match(made?.indexes[1]?.definition ?? "", /USING gin \(a_string gin_trgm_ops\)/);
});
