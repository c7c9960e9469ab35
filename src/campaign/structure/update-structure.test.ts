import assert from "node:assert/strict";
import { test } from "node:test";

import { runDefinition } from "#datamodel/catalog-store.ts";
import { listMigrations } from "#datamodel/list-migrations.ts";
import { migrate } from "#datamodel/migrate.ts";
import { ensurePartitions } from "#datamodel/partitions-store.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import { silentLog } from "#foundation/log.ts";
import { systemClock } from "#foundation/clock.ts";
import { aDatabase, aDatabaseAddress } from "#test/support/database.ts";
import { columnsOf, indexesOf, storeSource } from "#test/support/schema-store.ts";
import { until } from "#test/support/until.ts";
import { waitingForLocks } from "#test/support/lists.ts";
import { tableRows } from "#test/support/writer.ts";

import { schemasOf } from "./instance-schemas.ts";
import { planUpdate, updateStructure } from "./update-structure.ts";

const carefully = { mayLose: false };
const freely = { mayLose: true };

/** Replaces the extension of recipients by one with these members, and brings it to the tables. */
async function extend(db: Database, members: string, manner = carefully): Promise<readonly string[]> {
  await storeSource(db, "recipient", extension("cus", "nms:recipient", members));
  return (await updateStructure(db, manner)).statements;
}

function extension(namespace: string, extended: string, members: string): string {
  const [, name = ""] = extended.split(":");
  return `<srcSchema namespace="${namespace}" name="${name}" extendedSchema="${extended}"><element name="${name}">${members}</element></srcSchema>`;
}

function own(name: string, members: string, attributes = 'autopk="true"'): string {
  return `<srcSchema namespace="cus" name="${name}"><element name="${name}" ${attributes}>${members}</element></srcSchema>`;
}

const columnTypes = (db: Database, pattern: string): Promise<unknown[][]> =>
  tableRows(
    db,
    "information_schema.columns",
    "column_name, data_type, is_nullable, column_default",
    `table_name = 'nms_recipient' and column_name like '${pattern}'`,
  );

test("values come along when a field gets another type; what does not fit changes nothing and is named", async (t) => {
  const db = await aDatabase(t);
  await extend(db, '<attribute name="code" type="string"/><attribute name="vip" type="boolean"/>');
  await runDefinition(
    db,
    "insert into nms_recipient (email, cus_code, cus_vip) values ('a@b.com', '12', true), ('c@d.com', null, false), ('e@f.com', '', false)",
  );
  await extend(db, '<attribute name="code" type="long"/><attribute name="vip" type="byte"/>');
  assert.deepEqual(await columnTypes(db, "cus_%"), [
    ["cus_code", "integer", "NO", "0"],
    ["cus_vip", "smallint", "NO", "0"],
  ]);
  assert.deepEqual(await tableRows(db, "nms_recipient", "cus_code, cus_vip"), [
    [0, 0],
    [0, 0],
    [12, 1],
  ]);
  await extend(db, '<attribute name="code" type="string" required="true"/>');
  assert.deepEqual(await columnTypes(db, "cus_code"), [["cus_code", "text", "NO", "''::text"]]);
  await runDefinition(db, "update nms_recipient set cus_code = 'many' where email = 'a@b.com'");
  await assert.rejects(extend(db, '<attribute name="code" type="long"/><attribute name="more" type="long"/>'), {
    code: "XTK-170923",
    message: /cus_code.*many/s,
  });
  assert.deepEqual(await columnsOf(db, "nms_recipient", "cus_%"), ["cus_code", "cus_vip"]);
});

test("a conversion that would cut values needs leave to lose", async (t) => {
  const db = await aDatabase(t);
  await extend(db, '<attribute name="seen" type="datetime"/>');
  await runDefinition(db, "insert into nms_recipient (email, cus_seen) values ('a@b.com', '2026-03-04 05:06+00')");
  await assert.rejects(extend(db, '<attribute name="seen" type="date"/>'), { code: "XTK-170921", message: /cus_seen/ });
  await extend(db, '<attribute name="seen" type="date"/>', freely);
  assert.deepEqual(await tableRows(db, "nms_recipient", "cus_seen, 1"), [["2026-03-04", 1]]);
});

test("a field with another name is another field; the former one's column stays until it may go", async (t) => {
  const db = await aDatabase(t);
  await extend(db, '<attribute name="nick" type="string"/>');
  await runDefinition(db, "insert into nms_recipient (email, cus_nick) values ('a@b.com', 'Jo')");
  const statements = await extend(db, '<attribute name="alias" type="string"/>');
  assert.ok(
    statements.every((statement) => !statement.includes("drop")),
    statements.join("\n"),
  );
  assert.deepEqual((await planUpdate(db, carefully)).kept, ["the column nms_recipient.cus_nick"]);
  assert.deepEqual((await planUpdate(db, freely)).statements, ["alter table nms_recipient drop column cus_nick;"]);
  await extend(db, '<attribute name="nick" type="string"/>');
  assert.deepEqual(await tableRows(db, "nms_recipient", "cus_nick, 1"), [["Jo", 1]]);
});

test("roads that do not know a field stay open: what is required, a key or a word of a list may be missing there", async (t) => {
  const db = await aDatabase(t);
  await runDefinition(db, "insert into nms_recipient (email) values ('a@b.com'), ('c@d.com')");
  await storeSource(
    db,
    "recipient",
    `<srcSchema namespace="cus" name="recipient" extendedSchema="nms:recipient">
      <enumeration name="tier"><value name="gold"/></enumeration>
      <element name="recipient">
        <key name="number"><keyfield xpath="@number"/></key>
        <attribute name="number" type="long" required="true"/>
        <attribute name="since" type="date" required="true"/>
        <attribute name="token" type="uuid" required="true"/>
        <attribute name="tier" type="string" enum="tier" required="true"/>
      </element></srcSchema>`,
  );
  await updateStructure(db, carefully);
  await runDefinition(db, "insert into nms_recipient (email) values ('e@f.com'), ('g@h.com')");
  assert.deepEqual(
    await tableRows(db, "nms_recipient", "count(*) as rows, count(cus_number) as numbers, count(cus_since) as days"),
    [[4, 0, 0]],
  );
  assert.deepEqual((await planUpdate(db, carefully)).statements, []);
});

test("two namespaces extend one schema, and one of them a schema of the other", async (t) => {
  const db = await aDatabase(t);
  await storeSource(db, "store", own("store", '<attribute name="code"/>'));
  await storeSource(db, "recipient", extension("cus", "nms:recipient", '<attribute name="level" type="byte"/>'));
  const others = extension(
    "abc",
    "nms:recipient",
    '<attribute name="rank" type="byte"/><element name="shop" type="link" target="cus:store" revLink="visitors"/>',
  );
  await storeSource(db, "recipient", others, "abc");
  await storeSource(
    db,
    "store",
    extension(
      "abc",
      "cus:store",
      '<attribute name="area" type="double"/><dbindex name="area"><keyfield xpath="@area"/></dbindex>',
    ),
    "abc",
  );
  await updateStructure(db, carefully);
  assert.deepEqual(await columnsOf(db, "nms_recipient", "cus_%"), ["cus_level"]);
  assert.deepEqual(await columnsOf(db, "nms_recipient", "abc_%"), ["abc_rank", "abc_shop_id"]);
  assert.deepEqual(await columnsOf(db, "cus_store", "%"), ["store_id", "code", "abc_area"]);
  assert.deepEqual(await indexesOf(db, "cus_store"), ["cus_store_abc_area", "cus_store_pkey"]);

  await storeSource(db, "recipient", others.replace('name="rank"', 'name="level"'), "abc");
  await assert.rejects(planUpdate(db, carefully), { message: /cus:recipient cannot be used.*level.*abc:recipient/ });
});

test("indexes and keys that are gone from a schema are gone from its table; what a person made stays", async (t) => {
  const db = await aDatabase(t);
  const members = '<attribute name="code" type="string"/><attribute name="size" type="long"/>';
  const indexed =
    '<key name="code"><keyfield xpath="@code"/></key><dbindex name="size"><keyfield xpath="@size"/><keyfield xpath="@email"/></dbindex>';
  await extend(db, members + indexed);
  assert.deepEqual(await indexesOf(db, "nms_recipient", "%cus%"), [
    "nms_recipient_cus_code_key",
    "nms_recipient_cus_size",
  ]);
  await runDefinition(db, "create index nms_recipient_cus_by_hand on nms_recipient (cus_size)");
  await extend(db, members);
  assert.deepEqual(await indexesOf(db, "nms_recipient", "%cus%"), ["nms_recipient_cus_by_hand"]);
  // Another definition under the same name.
  await extend(db, members + indexed);
  await extend(db, members + indexed.replace('<keyfield xpath="@email"/>', ""));
  await extend(db, members);
  assert.deepEqual(await indexesOf(db, "nms_recipient", "%cus%"), ["nms_recipient_cus_by_hand"]);
});

test("keys that stored rows break are refused with what breaks them", async (t) => {
  const db = await aDatabase(t);
  await storeSource(db, "store", own("store", '<attribute name="code"/>'));
  await updateStructure(db, carefully);
  await runDefinition(db, "insert into cus_store (code) values ('a'), ('a')");
  await storeSource(
    db,
    "store",
    own("store", '<key name="code"><keyfield xpath="@code"/></key><attribute name="code"/>'),
  );
  await assert.rejects(updateStructure(db, carefully), { code: "XTK-170923", message: /\(code\)=\(a\)/ });
});

test("names may be long, or words of SQL", async (t) => {
  const db = await aDatabase(t);
  const long = "a".repeat(40);
  const members = ["order", "user", "select", "xmin", "desc"]
    .map((name) => `<attribute name="${name}" type="string"/>`)
    .join("");
  await storeSource(
    db,
    long,
    own(
      long,
      `${members}<element name="${long}b"><attribute name="${long}" type="long"/><attribute name="${long}c" type="long"/></element>
       <key name="${long}"><keyfield xpath="${long}b/@${long}"/></key><dbindex name="${long}"><keyfield xpath="${long}b/@${long}c"/></dbindex>
       <dbindex name="other"><keyfield xpath="@order"/></dbindex>`
        .replaceAll(`${long}b`, "b".repeat(40))
        .replaceAll(`${long}c`, "c".repeat(40)),
    ),
  );
  await updateStructure(db, carefully);
  assert.deepEqual((await planUpdate(db, carefully)).statements, []);
  const table = `cus_${long}`;
  assert.deepEqual(await columnsOf(db, table, "%\\_"), ["order_", "user_", "select_", "xmin_", "desc_"]);
  assert.equal((await indexesOf(db, table)).length, 4);
  await runDefinition(db, "delete from xtk_src_schema");
  await updateStructure(db, freely);
  assert.deepEqual(await columnsOf(db, table, "%"), []);
});

test("names that would meet in the database are refused", async (t) => {
  const db = await aDatabase(t);
  await storeSource(db, "a", own("a", '<attribute name="x"/><dbindex name="bC"><keyfield xpath="@x"/></dbindex>'));
  await storeSource(db, "aB", own("aB", '<attribute name="x"/><dbindex name="c"><keyfield xpath="@x"/></dbindex>'));
  await assert.rejects(planUpdate(db, carefully), { message: /cus:aB.*cus_a_b_c.*cus:a;/ });
  await runDefinition(db, "delete from xtk_src_schema");
  await runDefinition(db, "create table cus_a (x int)");
  await storeSource(db, "a", own("a", '<attribute name="x"/>'));
  await assert.rejects(planUpdate(db, carefully), { message: /there is a table cus_a that no schema made/ });
});

test("a table in partitions gets its columns and indexes in all of them, and in those to come", async (t) => {
  const db = await aDatabase(t);
  await ensurePartitions(db, new Date("2026-01-10"));
  const members =
    '<attribute name="campaignCode" type="string"/><dbindex name="code"><keyfield xpath="@campaignCode"/></dbindex>';
  await storeSource(db, "broadLogRcp", extension("cus", "nms:broadLogRcp", members));
  await updateStructure(db, carefully);
  await ensurePartitions(db, new Date("2026-03-10"));
  const partitions = ["nms_broad_log", "nms_broad_log_default", "nms_broad_log_202601", "nms_broad_log_202605"];
  for (const table of partitions) {
    assert.deepEqual(await columnsOf(db, table, "cus_%"), ["cus_campaign_code"], table);
    assert.equal((await indexesOf(db, table, "%cus%code%")).length, 1, table);
  }
  assert.deepEqual((await planUpdate(db, carefully)).statements, []);
  await storeSource(
    db,
    "broadLogRcp",
    extension("cus", "nms:broadLogRcp", members.replace("dbindex name", 'dbindex unique="true" name')),
  );
  await assert.rejects(planUpdate(db, carefully), { message: /must hold logDate/ });
  await runDefinition(db, "delete from xtk_src_schema");
  await updateStructure(db, freely);
  for (const table of partitions) assert.deepEqual(await columnsOf(db, table, "cus_%"), [], table);
});

test("two updates at once take turns", async (t) => {
  const address = await aDatabaseAddress(t);
  const [one, other] = [1, 2].map((number) =>
    openDatabase({ address, applicationName: `update${number}`, maxConnections: 1 }),
  );
  assert.ok(one !== undefined && other !== undefined);
  t.after(() => Promise.all([one.close(), other.close()]));
  await storeSource(one, "store", own("store", '<attribute name="code"/>'));
  const plans = await Promise.all([updateStructure(one, carefully), updateStructure(other, carefully)]);
  assert.equal(plans.filter(({ statements }) => statements.length === 0).length, 1);
});

test("an update does not wait long for a table that is in use, and leaves nothing half done", async (t) => {
  const db = await aDatabase(t);
  await storeSource(db, "level", own("level", '<attribute name="code"/>'));
  await storeSource(db, "recipient", extension("cus", "nms:recipient", '<attribute name="level" type="byte"/>'));
  await db.transaction(async (tx) => {
    await runDefinition(tx, "lock table nms_recipient in access share mode");
    const beganMs = performance.now();
    const update = assert.rejects(updateStructure(db, carefully), {
      code: "XTK-170922",
      mayRetry: true,
      message: /alter table nms_recipient add column cus_level.*gave up after 3 s/,
    });
    await until(async () => (await waitingForLocks(db)) > 0, "the update to wait");
    assert.ok((await planUpdate(db, carefully)).statements.length > 0, "a plan waits for nobody");
    await update;
    assert.ok(performance.now() - beganMs < 10_000);
  });
  assert.deepEqual(await columnsOf(db, "cus_level", "%"), []);
  assert.deepEqual(await columnsOf(db, "nms_recipient", "cus_%"), []);
  assert.ok((await updateStructure(db, carefully)).statements.length > 0);
});

test("a later version's migrations run beside an extension, and leave it as it is", async (t) => {
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 2 });
  t.after(() => db.close());
  await extend(db, '<attribute name="level" type="byte"/><attribute name="notes" type="string" xml="true"/>');
  const later = {
    name: "9999-later",
    text: "-- later\nalter table nms_recipient add column level smallint; alter table nms_recipient drop column text5;",
  };
  assert.deepEqual(await migrate(address, [...listMigrations(), later]), ["9999-later"]);
  assert.deepEqual(await columnsOf(db, "nms_recipient", "%level"), ["cus_level", "level"]);
  const plan = await planUpdate(db, carefully);
  assert.deepEqual(plan.losses, []);
  assert.ok(
    plan.statements.every((statement) => !statement.includes("level")),
    plan.statements.join("\n"),
  );
});

test("what no version can use any more is left out, and takes nothing else with it", async (t) => {
  const db = await aDatabase(t);
  await storeSource(db, "store", own("store", '<attribute name="code"/>'));
  await extend(db, '<attribute name="level" type="byte"/>');
  await runDefinition(
    db,
    `update xtk_src_schema set applied_document = replace(applied_document, '"byte"', '"nonsense"') where name = 'recipient'`,
  );
  const schemas = await schemasOf({ db, clock: systemClock, log: silentLog });
  assert.ok(schemas.find("cus:store") !== undefined);
  assert.equal(schemas.find("nms:recipient")?.attributes["level"], undefined);
});
