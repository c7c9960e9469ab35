import assert from "node:assert/strict";
import { test } from "node:test";

import { anEntity } from "#test/support/entity.ts";
import { aViewer, aWriter, tableRows } from "#test/support/writer.ts";

import { copyEntity } from "./copy-entity.ts";
import { newEntity } from "./new-entity.ts";
import { reserveIds } from "./reserve-ids.ts";
import { writeEntities } from "./write-entities.ts";

test("a new entity has an id and defaults, stores nothing, and can be written as it is", async (t) => {
  const context = await aWriter(t);
  const entity = await newEntity(context, "nms:delivery");
  assert.equal(typeof entity.values.get("id"), "number");
  assert.equal(entity.values.get("priority"), 10);
  assert.deepEqual(await tableRows(context.db, "nms_delivery", "delivery_id, 1"), []);
  const [written] = await writeEntities(context, [entity]);
  assert.deepEqual(written, { schema: "nms:delivery", key: [entity.values.get("id")], effect: "inserted" });
  const another = await newEntity(context, "nms:delivery");
  assert.notEqual(another.values.get("id"), entity.values.get("id"));
});

test("a copy differs by its id and name, starts anew, and takes along what is its own", async (t) => {
  const context = await aWriter(t);
  const [written] = await writeEntities(context, [
    anEntity(
      "nms:delivery",
      { label: "Spring", desc: "Text", "content/html/source": "<p>&</p>", targets: '{"all":true}' },
      { collections: { seedMember: [anEntity("nms:seedMember", { email: "s@example.com" })] } },
    ),
  ]);
  const id = Number(written?.key?.[0]);
  await context.db.run`update nms_delivery set state = 95, processed = 12`;
  const copy = await copyEntity(context, "nms:delivery", [id]);
  assert.equal(copy.values.get("internalName"), `DM${copy.values.get("id")}`);
  await writeEntities(context, [copy]);
  assert.deepEqual(
    await tableRows(
      context.db,
      "nms_delivery",
      "delivery_id <> 0 as x, label, state, processed, html_source, data->>'desc' as d",
      `delivery_id <> ${id}`,
    ),
    [[true, "Spring", 0, 0, "<p>&</p>", "Text"]],
  );
  assert.equal((await tableRows(context.db, "nms_seed_member", "email, delivery_id")).length, 2);
});

test("nobody copies what he cannot see, or may not write", async (t) => {
  const context = await aWriter(t);
  const [written] = await writeEntities(context, [anEntity("xtk:option", { name: "one" })]);
  const key = [Number(written?.key?.[0])];
  await assert.rejects(copyEntity({ ...context, viewer: aViewer() }, "xtk:option", key), { code: "XSV-350023" });
  await assert.rejects(newEntity({ ...context, viewer: aViewer() }, "xtk:option"), { code: "XSV-350023" });
  await assert.rejects(copyEntity(context, "xtk:option", [999_999]), { code: "XTK-170938" });
});

test("reserved ids are all different, above 1000, and usable in the next write", async (t) => {
  const context = await aWriter(t);
  const own = await reserveIds(context.db, context.schemas, "NmsRecipientId", 5);
  const global = await reserveIds(context.db, context.schemas, "XtkNewId", 3);
  assert.equal(new Set([...own, ...global]).size, 8);
  assert.ok(own.every((id) => id > 1000) && global.every((id) => id >= 1_000_000_000_000));
  const written = await writeEntities(
    context,
    [own[4] ?? 0, global[0] ?? 0].map((id) => anEntity("nms:recipient", { id, email: `${id}@example.com` })),
  );
  assert.deepEqual(
    written.map(({ effect }) => effect),
    ["inserted", "inserted"],
  );
  await assert.rejects(reserveIds(context.db, context.schemas, "x'; drop table", 1), { code: "XTK-170944" });
  await assert.rejects(reserveIds(context.db, context.schemas, "XtkNewId", 1_000_000), { code: "XTK-170942" });
});
