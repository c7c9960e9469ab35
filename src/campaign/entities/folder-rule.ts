/**
 * Writing `xtk:folder`: the tree stays a tree, and every folder knows its full name. Beside the rights on the folder itself
 * it takes a named one.
 */

import { holdsRight } from "#datamodel/viewer.ts";
import { notSaved } from "#datamodel/write/errors.ts";
import { plainText } from "#datamodel/write/field-value.ts";
import type { RuleContext, RuleRow, WriteRule } from "#datamodel/write/write-context.ts";
import { type Attribute, type Schema, schemaId } from "#schemas/schema.ts";

import { findFolderOffTree, refreshFullNames } from "./entity-rules-store.ts";
import { folderProtected, folderWithoutRoot } from "./errors.ts";
import { giveInternalName } from "./internal-name-rule.ts";

export const folderRule: WriteRule = {
  needs: ["isSystem", "name", "label", "parent-id"],
  complete: (rows, context) => {
    for (const row of rows) {
      if (row.isNew) requireRight(context, "folderInsert", "creating");
      else if (isChangedAtAll(row, context.schema)) requireRight(context, "folderEdit", "changing");
      giveInternalName(row, "name", "folder");
      if (row.isNew && row.value("label") === "") row.set("label", row.value("name") ?? "");
      if (row.before("isSystem") === true && (row.isChanged("name") || row.isChanged("parent-id")))
        throw folderProtected({ folder: plainText(row.before("name")), wish: "renamed or moved" });
    }
  },
  after: keepTree,
  deleting: (rows, context) => {
    requireRight(context, "folderDelete", "deleting");
    for (const row of rows)
      if (row.before("isSystem") === true)
        throw folderProtected({ folder: plainText(row.before("name")), wish: "deleted" });
  },
};

function requireRight({ viewer, schema }: RuleContext, right: string, what: string): void {
  if (!holdsRight(viewer, right))
    throw notSaved({ schema: schemaId(schema), reason: `${what} a folder takes the right '${right}'` });
}

/** A row that is only named, by a link, is no change. */
function isChangedAtAll(row: RuleRow, schema: Schema): boolean {
  return Object.entries<Attribute>(schema.attributes).some(
    ([path, { stamp }]) => stamp === undefined && row.isChanged(path),
  );
}

async function keepTree(rows: readonly RuleRow[], { tx }: RuleContext): Promise<void> {
  const moved = rows.filter((row) => row.isNew || row.isChanged("parent-id") || row.isChanged("label"));
  if (moved.length === 0) return;
  const ids = moved.map(({ key }) => Number(key[0]));
  const lost = await findFolderOffTree(tx, ids);
  if (lost !== undefined) throw folderWithoutRoot({ folder: lost });
  await refreshFullNames(tx, ids);
}
