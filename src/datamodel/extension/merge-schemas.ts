/** Merges what operators wrote into the product's schemas: extensions into what they extend, links on both of their ends. */

import { type Schema, schemaId } from "#schemas/schema.ts";

import { type Draft, draftOf, finish } from "./draft.ts";
import { extensionInvalid } from "./errors.ts";
import { mergeFields } from "./merge-fields.ts";
import { mergeKeys } from "./merge-keys.ts";
import { mergeLinks } from "./merge-links.ts";
import { type SourceSchema, sourceId } from "./source-schema.ts";

/**
 * Merges sources into schemas, in the order of their names, so that the result is the same on every host.
 * @throws extensionInvalid naming the source and what is wrong with it
 */
export function mergeSchemas(builtIn: readonly Schema[], sources: readonly SourceSchema[]): Schema[] {
  const drafts = new Map<string, Draft>(builtIn.map((schema) => [schemaId(schema), draftOf(schema)]));
  const ordered = [...sources].sort((a, b) => (sourceId(a) < sourceId(b) ? -1 : 1));
  const ownFirst = [
    ...ordered.filter(({ extendedSchema }) => extendedSchema === undefined),
    ...ordered.filter(({ extendedSchema }) => extendedSchema !== undefined),
  ];
  for (const source of ownFirst) mergeFields(drafts, source);
  for (const source of ownFirst) mergeLinks(drafts, source);
  for (const source of ownFirst) mergeKeys(drafts, source);
  const touched = new Set(
    sources.flatMap((source) => [
      source.extendedSchema ?? sourceId(source),
      ...[...source.links.values()].map(({ target }) => target),
    ]),
  );
  // What no source touches stays the same object, so that what is kept by schema stays good.
  const merged = [...drafts].map(([id, draft]) => (touched.has(id) ? finish(draft) : draft.schema));
  refuseSharedNames(merged, new Set(builtIn));
  return merged;
}

/** Tables and indexes have their names in common. */
function refuseSharedNames(merged: readonly Schema[], builtIn: ReadonlySet<Schema>): void {
  const owners = new Map<string, string>();
  const shippedFirst = [...merged].sort((a, b) => Number(builtIn.has(b)) - Number(builtIn.has(a)));
  for (const schema of shippedFirst) {
    const indexes = [
      ...schema.keys.flatMap(({ index }) => index ?? []),
      ...(schema.indexes ?? []).map(({ name }) => name),
    ];
    for (const name of [schema.table, ...indexes]) {
      const owner = owners.get(name);
      if (owner !== undefined)
        throw extensionInvalid({
          schema: schemaId(schema),
          problem: `it needs something called ${name} in the database, and so does ${owner}; rename a key, an index or the schema`,
        });
      owners.set(name, schemaId(schema));
    }
  }
}
