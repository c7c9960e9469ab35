import assert from "node:assert/strict";
import { test } from "node:test";

import { copyEntity } from "#datamodel/write/copy-entity.ts";
import { deleteCollection } from "#datamodel/write/delete-collection.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";
import { anEntity } from "#test/support/entity.ts";
import { aViewer, aWriter, tableRows } from "#test/support/writer.ts";

const holding = (context: WriteContext, ...rights: string[]): WriteContext => ({
  ...context,
  viewer: aViewer({ rights }),
});

const folder = (values: Record<string, string>, operation?: "delete" | "insert"): ReturnType<typeof anEntity> =>
  anEntity("xtk:folder", values, { key: ["@name"], ...(operation && { operation }) });

test("creating, changing and deleting a folder take a named right each", async (t) => {
  const context = await aWriter(t);
  const others = holding(context, "delivery", "workflow", "folderEdit", "folderDelete");
  await assert.rejects(writeEntities(others, [folder({ name: "a", label: "A" })]), {
    code: "XSV-350023",
    message: /creating a folder takes the right 'folderInsert'/,
  });
  await writeEntities(holding(context, "folderInsert"), [folder({ name: "a", label: "A" })]);
  await assert.rejects(writeEntities(holding(context, "folderInsert"), [folder({ name: "a", label: "B" })]), {
    message: /changing a folder takes the right 'folderEdit'/,
  });
  await writeEntities(holding(context, "folderEdit"), [folder({ name: "a", label: "B" })]);
  await assert.rejects(writeEntities(holding(context, "folderEdit"), [folder({ name: "a" }, "delete")]), {
    message: /deleting a folder takes the right 'folderDelete'/,
  });
  const where = [{ kind: "expression" as const, expr: "@name = 'a'" }];
  await assert.rejects(deleteCollection(holding(context, "folderEdit"), { schema: "xtk:folder", where }), {
    code: "XSV-350023",
  });
  assert.deepEqual(await tableRows(context.db, "xtk_folder", "name, label", "name = 'a'"), [["a", "B"]]);
  assert.equal(await deleteCollection(holding(context, "folderDelete"), { schema: "xtk:folder", where }), 1);
});

test("a folder that is only named needs no right: rows are filed in it, and it may be sent back as it is", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [folder({ name: "a", label: "A" })]);
  const ann = holding(context);
  const filed = anEntity("nms:recipient", { email: "x@example.com" }, { links: { folder: folder({ name: "a" }) } });
  await writeEntities(ann, [filed, folder({ name: "a", label: "A" })]);
  const made = anEntity("nms:recipient", { email: "y@example.com" }, { links: { folder: folder({ name: "new" }) } });
  await assert.rejects(writeEntities(ann, [made]), { code: "XSV-350023" });
  const [row] = await tableRows(
    context.db,
    "nms_recipient r join xtk_folder f using (folder_id)",
    "f.folder_id, r.email",
  );
  assert.equal(row?.[1], "x@example.com");
  const copy = await copyEntity(ann, "xtk:folder", [Number(row?.[0])]);
  await assert.rejects(writeEntities(ann, [copy]), { code: "XSV-350023" });
});

test("the named right does not stand for the rights on the folder", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [folder({ name: "a", label: "A" })]);
  const [row] = await tableRows(context.db, "xtk_folder", "folder_id, name", "name = 'a'");
  const id = Number(row?.[0]);
  await writeEntities(context, [
    anEntity("xtk:folderRight", { "folder-id": id, canRead: true, canWrite: false, canDelete: false }),
  ]);
  const ann = holding(context, "folderInsert", "folderEdit", "folderDelete");
  await assert.rejects(writeEntities(ann, [folder({ name: "a", label: "B" })]), { code: "XSV-350023" });
  await assert.rejects(writeEntities(ann, [folder({ name: "a" }, "delete")]), { code: "XSV-350023" });
  await assert.rejects(writeEntities(ann, [anEntity("xtk:folder", { name: "b", label: "B", "parent-id": id })]), {
    code: "XSV-350023",
  });
});
