/**
 * What a schema is: one entity of the product as plain data. Tables, queries, SOAP, forms and import mappings are read from it.
 */

import type { Enumeration } from "./enumeration.ts";

/**
 * How a value is meant, and with it how it is stored:
 * `string` and `memo` as text, `byte` and `short` as smallint, `long` as integer, `int64` as bigint, `double` as double
 * precision, `boolean`, `date`, `datetime` as timestamptz, `blob` as bytea, `json` as jsonb.
 */
export type AttributeType =
  | "string"
  | "memo"
  | "boolean"
  | "byte"
  | "short"
  | "long"
  | "int64"
  | "double"
  | "date"
  | "datetime"
  | "blob"
  | "json";

export type Attribute = {
  readonly type: AttributeType;
  readonly column: string;
  readonly label: string;
  /** Further explanation, shown beside the label. */
  readonly description?: string;
  /** Must be given when a row is written. An attribute that is neither required nor has a default may be null. */
  readonly required?: true;
  /** Stands where nothing is given; `now` on a datetime is the moment of writing. For `json` the text of the document. */
  readonly default?: string | number | boolean;
  readonly enumeration?: Enumeration;
  /** Longest text accepted from outside, in characters; the column itself has no limit. */
  readonly length?: number;
  /** Keys handed out by a sequence: the first 1,000 are the product's own, and each connection takes this many at once. */
  readonly sequenceCache?: number;
  /** Never shown to clients, nor compared for them: hashes of secrets. */
  readonly isInternal?: true;
  /** SQL over columns of the same row, from which PostgreSQL keeps the value up to date; never written. */
  readonly computed?: string;
};

/** A unique combination of attributes. */
export type Key = {
  /** Names of attributes, in order. */
  readonly attributes: readonly string[];
  /** The database name where it is not the one PostgreSQL would choose: a key with a name is a unique index of its own. */
  readonly index?: string;
};

export type Link = {
  readonly label: string;
  /** The schema that is reached, such as `xtk:folder`. */
  readonly target: string;
  /** `one`: at most one row of the target (1-1 and N-1); `many`: any number of them. */
  readonly cardinality: "one" | "many";
  /** Attributes that are equal: `from` here, `to` in the target. A key that is 0 leads nowhere. */
  readonly join: readonly { readonly from: string; readonly to: string }[];
};

export type Index = {
  readonly name: string;
  /** Attributes in order; `-name` sorts it descending. */
  readonly attributes: readonly string[];
  /** Only rows for which this condition on columns holds: SQL, as plain as PostgreSQL prints it. */
  readonly where?: string;
};

export type MethodParameter = {
  readonly name: string;
  readonly type: AttributeType | "DOMDocument" | "DOMElement" | "primarykey";
  readonly direction: "in" | "out" | "inout";
  /** The element of the service's schema that a DOMElement holds. */
  readonly structure?: string;
  readonly description?: string;
};

/** A SOAP method; its handler stands in modules/web/soap/methods. */
export type Method = {
  readonly name: string;
  readonly label: string;
  /** A static method needs no entity to be called on. */
  readonly isStatic: boolean;
  /** Who may call it: everyone, everyone with a session, administrators, or holders of a named right. */
  readonly access: "anonymous" | "session" | "admin" | { readonly right: string };
  readonly parameters: readonly MethodParameter[];
};

export type Schema = {
  readonly namespace: string;
  readonly name: string;
  readonly label: string;
  readonly labelSingular: string;
  readonly description?: string;
  readonly table: string;
  /**
   * By path without the `@` of its last step: `email` is `@email`, `location/city` is `location/@city`, `folder-id` is
   * `@folder-id`. In the order of the columns.
   */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The first key is the primary one. */
  readonly keys: readonly [Key, ...Key[]];
  readonly links?: Readonly<Record<string, Link>>;
  readonly indexes?: readonly Index[];
  /** The attribute whose ranges are partitions; part of the primary key. */
  readonly partitionBy?: string;
  readonly methods?: readonly Method[];
};

/** `nms:recipient`. */
export function schemaId(schema: Pick<Schema, "namespace" | "name">): string {
  return `${schema.namespace}:${schema.name}`;
}

/** Declares a schema; the names of its attributes stay known to the compiler. */
export function defineSchema<const S extends Schema>(schema: S): S {
  return schema;
}
