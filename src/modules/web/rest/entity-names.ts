/** How the REST interface calls entities and methods: words with hyphens, entities in the plural. */

import { type Schema, schemaId } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

export type EntityNames = {
  /** The schema of a name such as `recipients`, or of a schema's own such as `nms:recipient`. */
  find(name: string): Schema | undefined;
  /** The name of a schema: `recipients`. */
  nameOf(schema: Schema): string;
  /** Every entity with its name, by name; what is hidden has none. */
  readonly all: readonly { readonly name: string; readonly schema: Schema }[];
};

/** What stands below /api/v1 beside the entities. */
const reserved = new Set(["api-tokens", "docs", "openapi.json", "session"]);

const bySet = new WeakMap<SchemaSet, EntityNames>();

/**
 * The names of all entities: a schema's own word for it, else its name in the plural. Of two schemas that would be called
 * the same the one that comes first in the set is, and the other has its namespace in front: `cus-recipients`.
 */
export function entityNames(schemas: SchemaSet): EntityNames {
  const known = bySet.get(schemas) ?? nameAll(schemas);
  bySet.set(schemas, known);
  return known;
}

function nameAll(schemas: SchemaSet): EntityNames {
  const byName = new Map<string, Schema>();
  for (const schema of schemas.all()) {
    if (schema.isHidden === true) continue;
    const plain = schema.restName ?? pluralOf(inKebabCase(schema.name));
    byName.set(byName.has(plain) || reserved.has(plain) ? `${inKebabCase(schema.namespace)}-${plain}` : plain, schema);
  }
  const names = new Map([...byName].map(([name, schema]) => [schemaId(schema), name]));
  const all = [...byName].map(([name, schema]) => ({ name, schema })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    all,
    find: (name) => {
      const id = names.has(name) ? schemas.find(name) : undefined;
      return byName.get(name) ?? id;
    },
    nameOf: (schema) => names.get(schemaId(schema)) ?? schemaId(schema),
  };
}

/** `trackingUrl` becomes `tracking-url`, `GetUserInfo` `get-user-info`, `exportXML` `export-xml`. */
export function inKebabCase(name: string): string {
  return name
    .replaceAll(/(?<=[a-z0-9])([A-Z])/g, "-$1")
    .replaceAll(/([A-Z])(?=[A-Z][a-z])/g, "$1-")
    .replaceAll("_", "-")
    .toLowerCase();
}

/** `delivery` becomes `deliveries`; what ends in an s is taken for a plural. */
export function pluralOf(word: string): string {
  if (/(?:ss|x|ch|sh)$/.test(word)) return `${word}es`;
  if (word.endsWith("s")) return word;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}
