/** What the writer asks of a schema again and again, worked out once. */

import { type Attribute, type DataField, type Link, type Schema, schemaId } from "#schemas/schema.ts";

export type SchemaPlan = {
  readonly schema: Schema;
  readonly id: string;
  /** Paths of the primary key, in its order. */
  readonly primary: readonly string[];
  /** Paths of every unique key, the primary one first. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** The attribute that a sequence fills, when it is the whole primary key. */
  readonly sequenced: string | undefined;
  /** Paths of the fields that are kept as they were first or last written. */
  readonly stamps: ReadonlyMap<string, NonNullable<Attribute["stamp"]>>;
  /** The links over attributes of this schema, by name. */
  readonly links: ReadonlyMap<string, Link>;
};

const plans = new WeakMap<Schema, SchemaPlan>();

/** The plan of a schema; kept for as long as the schema is. */
export function planOf(schema: Schema): SchemaPlan {
  const known = plans.get(schema);
  if (known !== undefined) return known;
  const [primary] = schema.keys;
  const [only, ...more] = primary.attributes;
  const plan: SchemaPlan = {
    schema,
    id: schemaId(schema),
    primary: primary.attributes,
    uniqueKeys: schema.keys.map(({ attributes }) => attributes),
    sequenced:
      only !== undefined && more.length === 0 && schema.attributes[only]?.sequenceCache !== undefined
        ? only
        : undefined,
    stamps: new Map(
      Object.entries(schema.attributes).flatMap(([path, { stamp }]) =>
        stamp === undefined ? [] : [[path, stamp] as const],
      ),
    ),
    links: new Map(Object.entries(schema.links ?? {})),
  };
  plans.set(schema, plan);
  return plan;
}

/** The declaration of a stored or data field, internal ones too; undefined when there is none. */
export function declarationOf({ schema }: SchemaPlan, path: string): Attribute | DataField | undefined {
  return schema.attributes[path] ?? schema.dataFields?.[path];
}

/** The attribute whose document holds the data fields. */
export const dataAttribute = "data";

/** True for the document of the data fields itself: they are written one by one. */
export function isDataDocument({ schema }: SchemaPlan, path: string): boolean {
  return path === dataAttribute && schema.dataFields !== undefined;
}

/** True when the value is kept in the row's document. */
export function isDataField({ schema }: SchemaPlan, path: string): boolean {
  return schema.attributes[path] === undefined && schema.dataFields?.[path] !== undefined;
}

/** How a key is shown in messages: `@namespace, @name`. */
export function shownKey(paths: readonly string[]): string {
  return paths.map((path) => path.replace(/[^/]+$/, (name) => `@${name}`)).join(", ");
}
