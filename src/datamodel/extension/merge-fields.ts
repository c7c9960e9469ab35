/** Merges the fields of an operator's source into the schema that it extends, or makes the schema. */

import type { Attribute } from "#schemas/schema.ts";

import { type Draft, documentName, draftOf, refuseTaken } from "./draft.ts";
import { extensionInvalid } from "./errors.ts";
import { type SourceSchema, sourceId } from "./source-schema.ts";
import { columnName, reservedNamespaces, sqlName } from "./sql-names.ts";

/** The column of a table that keeps what has no column of its own. */
const dataAttribute: Attribute = {
  type: "json",
  column: documentName,
  label: "Further values",
  default: "{}",
  isInternal: true,
};

/** @throws extensionInvalid */
export function mergeFields(drafts: Map<string, Draft>, source: SourceSchema): void {
  const isExtension = source.extendedSchema !== undefined;
  const draft = isExtension ? extendedDraft(drafts, source) : newDraft(drafts, source);
  const add = (path: string): void => {
    refuseTaken(source, draft, path);
    if (isExtension) draft.addedBy.set(path, sourceId(source));
  };
  for (const path of source.removed) refuseRemoval(source, draft, path);
  for (const [path, attribute] of source.attributes) {
    const known = draft.attributes.get(path);
    if (known !== undefined) draft.attributes.set(path, override(source, draft, path, known, attribute));
    else {
      add(path);
      draft.attributes.set(path, { ...attribute, column: columnOf(source, draft, path) });
    }
  }
  for (const [path, field] of source.dataFields) {
    add(path);
    draft.dataFields.set(path, field);
  }
  if (draft.dataFields.size > 0 && !draft.attributes.has(documentName))
    draft.attributes.set(documentName, dataAttribute);
  for (const [path, field] of source.computedFields) {
    add(path);
    draft.computedFields.set(path, field);
  }
  mergeHead(draft, source);
}

function newDraft(drafts: Map<string, Draft>, source: SourceSchema): Draft {
  const id = sourceId(source);
  if (reservedNamespaces.has(source.namespace))
    throw extensionInvalid({
      schema: id,
      problem: `the namespace ${source.namespace} belongs to the product; take one of your own, such as cus`,
    });
  if (drafts.has(id)) throw extensionInvalid({ schema: id, problem: "there is a schema of this name" });
  const draft = draftOf({
    namespace: source.namespace,
    name: source.name,
    label: source.label,
    labelSingular: source.labelSingular,
    ...(source.description === undefined ? {} : { description: source.description }),
    table: sqlName(source.namespace, source.name),
    attributes: {},
    keys: [{ attributes: ["id"] }],
  });
  if (source.hasOwnKey)
    draft.attributes.set("id", {
      type: "int64",
      column: sqlName(source.name, "id"),
      label: "Primary key",
      sequenceCache: 20,
    });
  else draft.keys.length = 0;
  drafts.set(id, draft);
  return draft;
}

function extendedDraft(drafts: Map<string, Draft>, source: SourceSchema): Draft {
  const id = sourceId(source);
  if (reservedNamespaces.has(source.namespace))
    throw extensionInvalid({
      schema: id,
      problem: `an extension lives in a namespace of your own, not in ${source.namespace}`,
    });
  const draft = drafts.get(source.extendedSchema ?? "");
  if (draft === undefined || draft.schema.isHidden === true)
    throw extensionInvalid({ schema: id, problem: `it extends ${source.extendedSchema}, which does not exist` });
  if (source.keys.some(({ isPrimary }) => isPrimary))
    throw extensionInvalid({ schema: id, problem: "an extension cannot give another primary key" });
  return draft;
}

function refuseRemoval(source: SourceSchema, draft: Draft, path: string): void {
  if (draft.attributes.has(path) || draft.links.has(path) || draft.computedFields.has(path))
    throw extensionInvalid({ schema: sourceId(source), problem: `${path} is not its own and cannot be removed` });
}

/** Label, length and values may differ from the original's; what is stored may not. */
function override(
  source: SourceSchema,
  draft: Draft,
  path: string,
  known: Attribute,
  given: Omit<Attribute, "column">,
): Attribute {
  const schema = sourceId(source);
  const maker = draft.addedBy.get(path);
  if (maker !== undefined)
    throw extensionInvalid({ schema, problem: `the field ${path} exists already: ${maker} has it` });
  if (known.isInternal === true || known.type !== given.type)
    throw extensionInvalid({ schema, problem: `the field ${path} exists already and is a ${known.type}` });
  if (given.enumeration !== undefined && known.enumeration?.values.some(({ value }) => typeof value === "string"))
    throw extensionInvalid({ schema, problem: `the values of ${path} are fixed` });
  return {
    ...known,
    label: given.label === path ? known.label : given.label,
    ...(given.description === undefined ? {} : { description: given.description }),
    ...(given.length === undefined ? {} : { length: given.length }),
    ...(given.enumeration === undefined ? {} : { enumeration: given.enumeration }),
    ...(given.openEnumeration === undefined ? {} : { openEnumeration: given.openEnumeration }),
  };
}

/**
 * In a table that is not its own an extension's columns bear its namespace, so that no later version of the product, and
 * no other extension, can want the same name.
 * @throws extensionInvalid
 */
export function columnOf(source: SourceSchema, draft: Draft, path: string): string {
  const column = source.extendedSchema === undefined ? columnName(path) : sqlName(source.namespace, path);
  for (const [other, attribute] of draft.attributes) {
    if (attribute.column === column)
      throw extensionInvalid({
        schema: sourceId(source),
        problem: `the fields ${other} and ${path} would share a column`,
      });
  }
  return column;
}

function mergeHead(draft: Draft, source: SourceSchema): void {
  const filters = (draft.schema.systemFilters ?? []).filter(
    // What the product keeps for a few stays so.
    ({ name }) => !source.removedFilters.includes(name) || draft.schema.access !== undefined,
  );
  const systemFilters = [...filters, ...source.systemFilters];
  draft.schema = {
    ...draft.schema,
    ...(source.extendedSchema !== undefined && source.label !== "" ? { label: source.label } : {}),
    ...(source.computeString === undefined ? {} : { computeString: source.computeString }),
    ...(systemFilters.length === 0 ? {} : { systemFilters }),
    ...(source.isAudited ? { isAudited: true as const } : {}),
  };
}
