/** Merges the links of an operator's source into both schemas that they join. */

import type { Link } from "#schemas/schema.ts";

import { type Draft, refuseTaken } from "./draft.ts";
import { extensionInvalid } from "./errors.ts";
import { columnOf } from "./merge-fields.ts";
import { type SourceLink, type SourceSchema, sourceId } from "./source-schema.ts";
import { sqlName } from "./sql-names.ts";

/** @throws extensionInvalid */
export function mergeLinks(drafts: Map<string, Draft>, source: SourceSchema): void {
  const ownId = source.extendedSchema ?? sourceId(source);
  const draft = drafts.get(ownId);
  if (draft === undefined) return;
  for (const [name, link] of source.links) {
    const target = drafts.get(link.target);
    if (target === undefined || target.schema.isHidden === true)
      throw extensionInvalid({
        schema: sourceId(source),
        problem: `the link ${name} leads to ${link.target}, which does not exist`,
      });
    refuseTaken(source, draft, name);
    const join = link.join ?? joinByKey(source, draft, target, name);
    checkJoin(source, draft, target, name, join);
    draft.links.set(name, {
      label: link.label,
      target: link.target,
      cardinality: "one",
      join,
      ...(link.reverse === undefined ? {} : { reverse: link.reverse }),
      ...(link.integrity === undefined ? {} : { integrity: link.integrity }),
    });
    if (link.reverse !== undefined) addReverse(source, target, ownId, name, link, join);
  }
  if (source.folderLink !== undefined) fileInFolders(source, draft, source.folderLink);
}

/** A key of its own for a link, with an index: whoever is deleted is looked up by it. */
function joinByKey(source: SourceSchema, draft: Draft, target: Draft, name: string): Link["join"] {
  const [to, ...more] = target.keys[0]?.attributes ?? [];
  const keyType = to === undefined ? undefined : target.attributes.get(to)?.type;
  if (to === undefined || more.length > 0 || keyType === undefined)
    throw extensionInvalid({
      schema: sourceId(source),
      problem: `the link ${name} must say by which fields it joins, since the key of its target is not one field`,
    });
  const from = `${name}-id`;
  if (!draft.attributes.has(from)) {
    refuseTaken(source, draft, from);
    const isNumber = keyType !== "string" && keyType !== "uuid";
    draft.attributes.set(from, {
      type: keyType,
      column: columnOf(source, draft, from),
      label: source.links.get(name)?.label ?? name,
      ...(isNumber ? { default: 0 } : {}),
    });
    if (source.extendedSchema !== undefined) draft.addedBy.set(from, sourceId(source));
    const prefix = source.extendedSchema === undefined ? [] : [source.namespace];
    draft.indexes.push({ name: sqlName(draft.schema.table, ...prefix, from), attributes: [from] });
  }
  return [{ from, to }];
}

function checkJoin(source: SourceSchema, draft: Draft, target: Draft, name: string, join: Link["join"]): void {
  for (const { from, to } of join) {
    const [here, there] = [draft.attributes.get(from), target.attributes.get(to)];
    const missing = here === undefined ? from : there === undefined || there.isInternal === true ? to : undefined;
    if (missing !== undefined)
      throw extensionInvalid({
        schema: sourceId(source),
        problem: `the link ${name} joins by ${missing}, which does not exist`,
      });
    if (here?.type !== there?.type)
      throw extensionInvalid({
        schema: sourceId(source),
        problem: `the link ${name} joins ${from} and ${to}, which are of different types`,
      });
  }
}

function addReverse(
  source: SourceSchema,
  target: Draft,
  ownId: string,
  name: string,
  link: SourceLink,
  join: Link["join"],
): void {
  const reverse = link.reverse ?? "";
  try {
    refuseTaken(source, target, reverse);
  } catch (cause) {
    throw extensionInvalid(
      {
        schema: sourceId(source),
        problem: `${link.target} already has something called ${reverse}; name the way back with revLink, or _NONE_`,
      },
      { cause },
    );
  }
  // A folder is deleted only when nothing is filed in it.
  const integrity = link.reverseIntegrity ?? (source.folderLink === name ? "define" : undefined);
  target.links.set(reverse, {
    label: link.reverseLabel,
    target: ownId,
    cardinality: link.isReverseSingle ? "one" : "many",
    join: join.map(({ from, to }) => ({ from: to, to: from })),
    reverse: name,
    ...(integrity === undefined ? {} : { integrity }),
  });
}

/** The rows have the rights of their folders. */
function fileInFolders(source: SourceSchema, draft: Draft, name: string): void {
  const link = draft.links.get(name);
  const [pair, ...more] = link?.join ?? [];
  if (link?.target !== "xtk:folder" || pair === undefined || pair.to !== "id" || more.length > 0)
    throw extensionInvalid({
      schema: sourceId(source),
      problem: `folderLink names ${name}, which is no link to xtk:folder`,
    });
  if (draft.schema.folderAttribute !== undefined || source.extendedSchema !== undefined)
    throw extensionInvalid({
      schema: sourceId(source),
      problem: "folderLink has no effect here: where rows are filed is said by the schema itself",
    });
  draft.schema = { ...draft.schema, folderAttribute: pair.from };
}
