import assert from "node:assert/strict";
import { test } from "node:test";

import { anEntity } from "#test/support/entity.ts";
import { aWriter, tableRows } from "#test/support/writer.ts";

import { deleteCollection } from "./delete-collection.ts";
import type { WriteContext } from "./write-context.ts";
import { writeEntities } from "./write-entities.ts";

function remove(context: WriteContext, schema: string, values: Record<string, string | number>): Promise<unknown> {
  return writeEntities(context, [anEntity(schema, values, { operation: "delete" })]);
}

test("what a row owns goes with it, recursively, and links to it are cut", async (t) => {
  const context = await aWriter(t);
  const [delivery] = await writeEntities(context, [anEntity("nms:delivery", { internalName: "DM1" })]);
  const [group] = await writeEntities(context, [anEntity("nms:group", { name: "news" })]);
  const [recipient] = await writeEntities(context, [anEntity("nms:recipient", { email: "a@example.com" })]);
  const [deliveryId, groupId, recipientId] = [delivery, group, recipient].map((one) => Number(one?.key?.[0]));
  await writeEntities(context, [
    anEntity("nms:rcpGrpRel", { "group-id": groupId ?? 0, "recipient-id": recipientId ?? 0 }),
    anEntity("nms:seedMember", { internalName: "s", "delivery-id": deliveryId ?? 0, email: "s@example.com" }),
  ]);
  await remove(context, "nms:group", { name: "news" });
  assert.deepEqual(await tableRows(context.db, "nms_rcp_grp_rel", "group_id, recipient_id"), []);
  assert.equal((await tableRows(context.db, "nms_recipient", "email, 1")).length, 1);
  await remove(context, "nms:delivery", { internalName: "DM1" });
  assert.deepEqual(await tableRows(context.db, "nms_seed_member", "email, 1"), []);
});

test("a row that others refer to is not deleted; the refusal says who", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [
    anEntity("xtk:folder", { name: "a" }),
    anEntity("nms:recipient", { email: "a@example.com" }, { links: { folder: anEntity("xtk:folder", { name: "a" }) } }),
  ]);
  await assert.rejects(remove(context, "xtk:folder", { name: "a" }), {
    code: "XTK-170941",
    message: /xtk:folder.*nms:recipient/,
  });
  await deleteCollection(context, {
    schema: "nms:recipient",
    where: [{ kind: "expression", expr: "@email = 'a@example.com'" }],
  });
  await remove(context, "xtk:folder", { name: "a" });
  assert.deepEqual(await tableRows(context.db, "xtk_folder", "name, 1", "name = 'a'"), []);
});

test("a folder with folders in it is not deleted, but all of them together are", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [
    anEntity("xtk:folder", { name: "a" }),
    anEntity("xtk:folder", { name: "b" }, { links: { parent: anEntity("xtk:folder", { name: "a" }) } }),
  ]);
  await assert.rejects(remove(context, "xtk:folder", { name: "a" }), { code: "XTK-170941" });
  assert.equal(
    await deleteCollection(context, {
      schema: "xtk:folder",
      where: [{ kind: "expression", expr: "@name in ('a', 'b')" }],
    }),
    2,
  );
});

test("links to a deleted row become 0", async (t) => {
  const context = await aWriter(t);
  const [typology] = await writeEntities(context, [anEntity("nms:service", { name: "news", label: "News" })]);
  await writeEntities(context, [
    anEntity("nms:delivery", { internalName: "DM1", "service-id": Number(typology?.key?.[0]) }),
  ]);
  await remove(context, "nms:service", { name: "news" });
  assert.deepEqual(await tableRows(context.db, "nms_delivery", "service_id, 1"), [[0, 1]]);
});

test("a deletion by conditions deletes what they select and nothing else, in batches too", async (t) => {
  const context = await aWriter(t);
  await context.db.run`
    insert into nms_recipient (email, last_name) select 'p' || n || '@example.com', case when n % 2 = 0 then 'even' else 'odd' end from generate_series(1, 25000) n`;
  const count = await deleteCollection(context, {
    schema: "nms:recipient",
    where: [{ kind: "expression", expr: "@lastName = 'even'" }],
  });
  assert.equal(count, 12_500);
  assert.deepEqual(
    await tableRows(context.db, "nms_recipient", "last_name, count(*) as n", "true group by last_name"),
    [["odd", 12_500]],
  );
});

test("a refused deletion leaves everything of the call as it was", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [
    anEntity("xtk:folder", { name: "a" }),
    anEntity("xtk:folder", { name: "b" }, { links: { parent: anEntity("xtk:folder", { name: "a" }) } }),
  ]);
  await assert.rejects(
    writeEntities(context, [
      anEntity("nms:group", { name: "new" }),
      anEntity("xtk:folder", { name: "a" }, { operation: "delete" }),
    ]),
    { code: "XTK-170941" },
  );
  assert.deepEqual(await tableRows(context.db, "nms_group", "name, 1", "name = 'new'"), []);
});
