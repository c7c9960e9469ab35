/** Writing entities that are known by an internal name: one that is given none is called by its kind and id, such as `DM1203`. */

import { isEmpty, plainText } from "#datamodel/write/field-value.ts";
import type { RuleRow, WriteRule } from "#datamodel/write/write-context.ts";

/**
 * A rule that does nothing else.
 * @param path the field of the name
 * @param prefix `DM`
 */
export function internalNameRule(path: string, prefix: string): WriteRule {
  return { complete: (rows) => rows.forEach((row) => giveInternalName(row, path, prefix)) };
}

/** Names a new row that has no name. */
export function giveInternalName(row: RuleRow, path: string, prefix: string): void {
  if (row.isNew && isEmpty(row.value(path))) row.set(path, `${prefix}${plainText(row.key[0])}`);
}
