/** A schema while operators' sources are merged into it. */

import { type Attribute, type Index, type Key, type Link, type Schema, schemaId } from "#schemas/schema.ts";

import { extensionInvalid } from "./errors.ts";
import { type SourceSchema, sourceId } from "./source-schema.ts";

export type Draft = {
  schema: Schema;
  readonly attributes: Map<string, Attribute>;
  readonly links: Map<string, Link>;
  readonly dataFields: Map<string, NonNullable<Schema["dataFields"]>[string]>;
  readonly computedFields: Map<string, NonNullable<Schema["computedFields"]>[string]>;
  readonly keys: Key[];
  readonly indexes: Index[];
  /** The extension that added a field, by its path. */
  readonly addedBy: Map<string, string>;
};

/** The name under which a table keeps what has no column of its own. */
export const documentName = "data";

/** Begins with what is there. */
export function draftOf(schema: Schema): Draft {
  return {
    schema,
    attributes: new Map(Object.entries(schema.attributes)),
    links: new Map(Object.entries(schema.links ?? {})),
    dataFields: new Map(Object.entries(schema.dataFields ?? {})),
    computedFields: new Map(Object.entries(schema.computedFields ?? {})),
    keys: [...schema.keys],
    indexes: [...(schema.indexes ?? [])],
    addedBy: new Map(),
  };
}

/**
 * Makes sure that a name is free, for a field or a link: neither is it there, nor does anything stand below or above it.
 * @throws extensionInvalid
 */
export function refuseTaken(source: SourceSchema, draft: Draft, path: string): void {
  const [first = path] = path.split("/");
  const fields = [...draft.attributes.keys(), ...draft.dataFields.keys(), ...draft.computedFields.keys()];
  const isTaken =
    path === documentName ||
    draft.links.has(first) ||
    fields.some((known) => known === path || known.startsWith(`${path}/`) || path.startsWith(`${known}/`));
  if (isTaken)
    throw extensionInvalid({ schema: sourceId(source), problem: `there is already something called ${path}` });
}

/**
 * Ends with a schema.
 * @throws extensionInvalid
 */
export function finish(draft: Draft): Schema {
  const { schema, attributes, links, dataFields, computedFields, keys, indexes } = draft;
  const [first, ...others] = keys;
  if (first === undefined) throw extensionInvalid({ schema: schemaId(schema), problem: "it has no key" });
  return {
    ...schema,
    attributes: Object.fromEntries(attributes),
    links: Object.fromEntries(links),
    keys: [first, ...others],
    indexes,
    ...(dataFields.size === 0 ? {} : { dataFields: Object.fromEntries(dataFields) }),
    ...(computedFields.size === 0 ? {} : { computedFields: Object.fromEntries(computedFields) }),
  };
}
