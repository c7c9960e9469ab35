import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { anEntity } from "#test/support/entity.ts";
import { aViewer, aWriter, tableRows } from "#test/support/writer.ts";

import { deleteCollection } from "./delete-collection.ts";
import type { WriteContext } from "./write-context.ts";
import { writeEntities } from "./write-entities.ts";

const byEmail = { key: ["@email"] };

/** Folders `open`, `shown` (read only) and `closed`, each with one recipient of that name, seen by Ann. */
async function aTree(context: WriteContext): Promise<{ ids: Record<string, number>; ann: WriteContext }> {
  const ann = { ...context, viewer: aViewer() };
  const ids: Record<string, number> = {};
  for (const [name, canRead, canWrite] of [
    ["open", true, true],
    ["shown", true, false],
    ["closed", false, false],
  ] as const) {
    const [folder] = await writeEntities(context, [anEntity("xtk:folder", { name, label: name })]);
    const id = Number(folder?.key?.[0]);
    ids[name] = id;
    await writeEntities(context, [
      anEntity("xtk:folderRight", { "folder-id": id, canRead, canWrite, canDelete: canWrite }),
      anEntity("nms:recipient", { email: `${name}@example.com`, "folder-id": id }),
    ]);
  }
  return { ids, ann };
}

const lastNames = (db: Database): Promise<unknown[][]> =>
  tableRows(db, "nms_recipient", "split_part(email, '@', 1) as name, last_name", "last_name is not null");

test("rows are changed where the viewer may write; others are refused, or as if they were not there", async (t) => {
  const context = await aWriter(t);
  const { ann } = await aTree(context);
  const rename = (name: string): Promise<unknown> =>
    writeEntities(ann, [
      anEntity("nms:recipient", { email: `${name}@example.com`, lastName: "New" }, { ...byEmail, operation: "update" }),
    ]);
  await rename("open");
  await assert.rejects(rename("shown"), { code: "XSV-350023" });
  assert.deepEqual(await rename("closed"), [{ schema: "nms:recipient", key: undefined, effect: "nothing" }]);
  assert.deepEqual(await lastNames(context.db), [["open", "New"]]);
});

test("a row is neither made in, nor moved to, nor moved out of a folder that the viewer may not write", async (t) => {
  const context = await aWriter(t);
  const { ann, ids } = await aTree(context);
  const { open = 0, shown = 0, closed = 0 } = ids;
  const write = (values: Record<string, string | number>): Promise<unknown> =>
    writeEntities(ann, [anEntity("nms:recipient", values, byEmail)]);
  await write({ email: "new@example.com", "folder-id": open });
  await assert.rejects(write({ email: "more@example.com", "folder-id": shown }), { code: "XSV-350023" });
  await assert.rejects(write({ email: "more@example.com", "folder-id": closed }), { code: "XTK-170939" });
  await assert.rejects(write({ email: "open@example.com", "folder-id": shown }), { code: "XSV-350023" });
  await assert.rejects(write({ email: "shown@example.com", "folder-id": open }), { code: "XSV-350023" });
  assert.equal((await tableRows(context.db, "nms_recipient", "email, 1")).length, 4);
});

test("a row that the viewer cannot see is not overwritten by its id", async (t) => {
  const context = await aWriter(t);
  const { ann } = await aTree(context);
  const [row] = await tableRows(context.db, "nms_recipient", "recipient_id, 1", "email = 'closed@example.com'");
  for (const operation of ["insertOrUpdate", "insert"] as const)
    await assert.rejects(
      writeEntities(ann, [anEntity("nms:recipient", { id: Number(row?.[0]), lastName: "Mine" }, { operation })]),
      { code: "XTK-170936" },
    );
  assert.deepEqual(await lastNames(context.db), []);
});

test("a deletion takes the right to delete, also by conditions", async (t) => {
  const context = await aWriter(t);
  const { ann } = await aTree(context);
  const remove = (name: string): Promise<unknown> =>
    writeEntities(ann, [
      anEntity("nms:recipient", { email: `${name}@example.com` }, { ...byEmail, operation: "delete" }),
    ]);
  await assert.rejects(remove("shown"), { code: "XSV-350023" });
  await remove("closed");
  const where = (expr: string) => ({ schema: "nms:recipient", where: [{ kind: "expression" as const, expr }] });
  await assert.rejects(deleteCollection(ann, where("@email like '%@example.com'")), { code: "XSV-350023" });
  assert.equal(await deleteCollection(ann, where("@email = 'open@example.com' or @email = 'closed@example.com'")), 1);
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "email, 1"), [
    ["closed@example.com", 1],
    ["shown@example.com", 1],
  ]);
});

test("who is confined to a folder writes there and nowhere else, and new rows go there", async (t) => {
  const context = await aWriter(t);
  const { ids } = await aTree(context);
  const { open = 0, shown = 0 } = ids;
  const confined = { ...context, viewer: aViewer({ folderId: open }) };
  await writeEntities(confined, [anEntity("nms:recipient", { email: "mine@example.com" }, byEmail)]);
  const [row] = await tableRows(context.db, "nms_recipient", "folder_id, 1", "email = 'mine@example.com'");
  assert.equal(row?.[0], open);
  await assert.rejects(
    writeEntities(confined, [anEntity("nms:recipient", { email: "x@example.com", "folder-id": shown })]),
    {
      code: "XTK-170939",
    },
  );
});

test("a schema that only administrators write is refused to others, one that only the server writes to all", async (t) => {
  const context = await aWriter(t);
  const ann = { ...context, viewer: aViewer() };
  await assert.rejects(writeEntities(ann, [anEntity("xtk:option", { name: "one", stringValue: "x" })]), {
    code: "XSV-350023",
  });
  await assert.rejects(writeEntities(ann, [anEntity("xtk:operator", { name: "eve", password: "a long password" })]), {
    code: "XSV-350023",
  });
  await assert.rejects(writeEntities(context, [anEntity("xtk:auditTrail", { action: "x" })]), { code: "XSV-350023" });
  await assert.rejects(
    writeEntities(ann, [anEntity("xtk:operatorRight", { "operator-id": 2001, rightName: "admin" })]),
    { code: "XSV-350023" },
  );
});

test("a schema that may not be read is as unknown as one that is not there", async (t) => {
  const context = await aWriter(t);
  const ann = { ...context, viewer: aViewer() };
  await assert.rejects(writeEntities(ann, [anEntity("xtk:auditTrail", { action: "x" })]), { code: "XTK-170930" });
  await assert.rejects(writeEntities(context, [anEntity("nms:trackingCursor", {})]), { code: "XTK-170930" });
});

test("naming a linked row takes no right to write it, changing it does", async (t) => {
  const context = await aWriter(t);
  const { ann, ids } = await aTree(context);
  const link = (values: Record<string, string>): Promise<unknown> =>
    writeEntities(ann, [
      anEntity("nms:delivery", { internalName: "DM1" }, { links: { createdBy: anEntity("xtk:operator", values) } }),
    ]);
  await assert.rejects(link({ name: "eve", label: "Eve" }), { code: "XSV-350023" });
  const sender = { ...ann, viewer: aViewer({ rights: ["delivery"] }) };
  await assert.rejects(
    writeEntities(sender, [
      anEntity(
        "nms:delivery",
        { label: "x", "folder-id": ids["open"] ?? 0 },
        {
          links: {
            typology: anEntity("nms:typology", { name: "new" }),
            folder: anEntity("xtk:folder", { name: "shown", label: "Renamed" }),
          },
        },
      ),
    ]),
    { code: "XSV-350023" },
  );
});

test("a new folder takes the right to write its parent", async (t) => {
  const context = await aWriter(t);
  const { ann, ids } = await aTree(context);
  const viewer = aViewer({ rights: ["folderInsert"] });
  const make = (parent: string): Promise<unknown> =>
    writeEntities({ ...ann, viewer }, [
      anEntity("xtk:folder", { name: `in-${parent}`, label: "x", "parent-id": ids[parent] ?? 0 }),
    ]);
  await make("open");
  await assert.rejects(make("shown"), { code: "XSV-350023" });
  await assert.rejects(make("closed"), { code: "XTK-170939" });
});
