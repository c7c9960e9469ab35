/** Merges the keys and indexes of an operator's source into its schema. */

import type { Draft } from "./draft.ts";
import { extensionInvalid } from "./errors.ts";
import { type SourceIndex, type SourceKey, type SourceSchema, sourceId } from "./source-schema.ts";
import { sqlName } from "./sql-names.ts";

/** @throws extensionInvalid */
export function mergeKeys(drafts: Map<string, Draft>, source: SourceSchema): void {
  const draft = drafts.get(source.extendedSchema ?? sourceId(source));
  if (draft === undefined) return;
  const prefix = source.extendedSchema === undefined ? [] : [source.namespace];
  const primaryFirst = [...source.keys].sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
  for (const key of primaryFirst) {
    const attributes = attributesOf(source, draft, key);
    if (draft.keys.length === 0) draft.keys.push({ attributes });
    else addUnique(source, draft, attributes, sqlName(draft.schema.table, ...prefix, key.name, "key"));
  }
  for (const index of source.indexes) {
    const [attributes, name] = [attributesOf(source, draft, index), sqlName(draft.schema.table, ...prefix, index.name)];
    if (index.isUnique) addUnique(source, draft, attributes, name);
    else draft.indexes.push({ name, attributes });
  }
  if (draft.keys.length === 0)
    throw extensionInvalid({
      schema: sourceId(source),
      problem: 'it has no key; write autopk="true" on its element, or give a key',
    });
}

function addUnique(source: SourceSchema, draft: Draft, attributes: readonly string[], index: string): void {
  const { partitionBy } = draft.schema;
  if (partitionBy !== undefined && !attributes.includes(partitionBy))
    throw extensionInvalid({
      schema: sourceId(source),
      problem: `a key of this table must hold ${partitionBy}, by which it is partitioned; use an index that is not unique`,
    });
  if (source.extendedSchema !== undefined) for (const path of attributes) leaveEmpty(draft, path);
  draft.keys.push({ attributes, index });
}

/**
 * The rows that are there, and those that come on roads that do not know the field, have no value: as null they are not
 * in each other's way, as 0 they would be.
 */
function leaveEmpty(draft: Draft, path: string): void {
  const attribute = draft.attributes.get(path);
  if (attribute === undefined || !draft.addedBy.has(path)) return;
  const { default: value, ...others } = attribute;
  if (value === 0 || value === "" || value === false) draft.attributes.set(path, others);
}

function attributesOf(source: SourceSchema, draft: Draft, key: SourceKey | SourceIndex): string[] {
  return key.fields.flatMap((field) => {
    const link = draft.links.get(field);
    const names = link === undefined ? [field] : link.join.map(({ from }) => from);
    for (const name of names) {
      if (!draft.attributes.has(name))
        throw extensionInvalid({
          schema: sourceId(source),
          problem: `${key.name} is made of ${field}, which is no stored field`,
        });
    }
    return names;
  });
}
