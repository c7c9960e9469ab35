import assert from "node:assert/strict";
import { test } from "node:test";

import { updateStructure } from "#campaign/structure/update-structure.ts";
import { runDefinition } from "#datamodel/catalog-store.ts";
import type { EntityInput } from "#datamodel/write/entity-input.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";
import { anEntity } from "#test/support/entity.ts";
import { aWriter, tableRows } from "#test/support/writer.ts";

const field = '<attribute name="code"/>';
const link = '<element name="store" type="link" target="cus:store"/>';

function source(name: string, members: string, operation?: "delete"): EntityInput {
  const extended = name === "store" ? "" : ' extendedSchema="nms:recipient"';
  const own = name === "store" ? ' autopk="true"' : "";
  const document = `<srcSchema namespace="cus" name="${name}"${extended} label="Of ours"><element name="${name}"${own}>${members}</element></srcSchema>`;
  return anEntity(
    "xtk:srcSchema",
    { namespace: "cus", name, ...(operation === undefined ? { document } : {}) },
    { key: ["@namespace", "@name"], ...(operation && { operation }) },
  );
}

test("lists show of a schema what its document says, on whichever road it came", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [source("recipient", field)]);
  assert.deepEqual(await tableRows(context.db, "xtk_src_schema", "extended_schema, label, length(md5)"), [
    ["nms:recipient", "Of ours", 32],
  ]);
});

test("a schema is not deleted while others lean on it: as they are written, or as the tables have them", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [source("store", field), source("recipient", link)]);
  await updateStructure(context.db, { mayLose: false });
  await assert.rejects(writeEntities(context, [source("store", "", "delete")]), {
    message: /cus:store, which does not/,
  });
  await writeEntities(context, [source("recipient", field)]);
  await assert.rejects(writeEntities(context, [source("store", "", "delete")]), {
    code: "XTK-170920",
    message: /cus:store cannot be used: in the tables cus:recipient still leans on it; run postrider config -updatedb/,
  });
  await updateStructure(context.db, { mayLose: false });
  await writeEntities(context, [source("store", "", "delete")]);
  assert.deepEqual(await tableRows(context.db, "xtk_src_schema", "name, 1"), [["recipient", 1]]);
});

test("schemas that another version has made unusable are put right one after another", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [source("store", field), source("recipient", field)]);
  await updateStructure(context.db, { mayLose: false });
  const spoil = "update xtk_src_schema set document = replace(document, 'attribute name', 'attribute nonsense')";
  await runDefinition(
    context.db,
    `${spoil}, applied_document = replace(document, 'attribute name', 'attribute nonsense')`,
  );
  await assert.rejects(writeEntities(context, [source("store", '<attribute nonsense="x"/>')]), {
    message: /cus:store.*nonsense/,
  });
  await writeEntities(context, [source("store", '<attribute name="other"/>')]);
  await assert.rejects(updateStructure(context.db, { mayLose: false }), { message: /cus:recipient.*nonsense/ });
  await writeEntities(context, [source("recipient", "", "delete")]);
  assert.ok((await updateStructure(context.db, { mayLose: false })).statements.length > 0);
});

test("a schema cannot be written under the name of another, nor renamed, nor without its document", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [source("store", field)]);
  const [row] = await tableRows(context.db, "xtk_src_schema", "src_schema_id, 1");
  const write = (values: Record<string, string | number>): Promise<unknown> =>
    writeEntities(context, [anEntity("xtk:srcSchema", values)]);
  await assert.rejects(write({ id: Number(row?.[0]), name: "shop" }), { message: /cannot be renamed/ });
  await assert.rejects(write({ namespace: "cus", name: "shop" }), { message: /has no document/ });
  const document = '<srcSchema namespace="cus" name="store"><element name="store" autopk="true"/></srcSchema>';
  await assert.rejects(write({ namespace: "cus", name: "shop", document }), { message: /calls itself cus:store/ });
  await assert.rejects(write({ namespace: "cus", name: "shop", document: "<srcSchema" }), { code: "XTK-170920" });
  await assert.rejects(write({ id: Number(row?.[0]), appliedDocument: "<x/>" }), { code: "XTK-170934" });
});
