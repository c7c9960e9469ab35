/**
 * What a schema is: one entity of the product as plain data. Tables, queries, SOAP, forms and import mappings are read from it.
 */

import type { Enumeration } from "./enumeration.ts";

/**
 * How a value is meant, and with it how it is stored:
 * `string` and `memo` as text, `byte` and `short` as smallint, `long` as integer, `int64` as bigint, `double` as double
 * precision, `boolean`, `date`, `datetime` as timestamptz, `time`, `timespan` (seconds) as bigint, `uuid`, `blob` as bytea,
 * `json` as jsonb, `xml` (one element with all below it) as text.
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
  | "time"
  | "timespan"
  | "uuid"
  | "blob"
  | "json"
  | "xml";

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
  /** In XML the text of an element, not an attribute: its path has no `@`. A `json` or `xml` value is always an element. */
  readonly isElement?: true;
  /** Kept by the server: a value that a client sends is refused, unless it is the one that is stored. */
  readonly isReadOnly?: true;
  /** Encrypted where it is stored; clients are shown that there is one, never which. */
  readonly isSecret?: true;
  /** Takes its default again in a copy of the row. */
  readonly isResetByCopy?: true;
  /** Filled by the writer: with the moment, or with the operator's id, of the first or of the last writing. */
  readonly stamp?: "created" | "modified" | "createdBy" | "modifiedBy";
  /** The name of an `xtk:enum`, whose values operators may add to. */
  readonly openEnumeration?: string;
};

/** A value that is computed when it is asked for: an expression over the row and what its links lead to. */
export type ComputedField = {
  readonly type: AttributeType;
  readonly label: string;
  readonly description?: string;
  readonly expression: string;
  readonly enumeration?: Enumeration;
};

/** A value that has no column of its own: it is kept with others in the row's document. */
export type DataField = Omit<Attribute, "column" | "computed" | "sequenceCache">;

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
  /** A condition on the target, in the expression language: other rows are as if not linked. */
  readonly where?: string;
  /** The name of the same link as the target declares it. */
  readonly reverse?: string;
  /**
   * What deleting a row of this schema does to the rows its link leads to. `define`: it is refused while there are any;
   * `own`: they go with it; `owncopy`: so, and a copy of the row gets copies of them; `normal`: their key becomes 0;
   * `neutral`: nothing. Without it `normal` where the target holds the key (`many`), else `neutral`.
   */
  readonly integrity?: "define" | "own" | "owncopy" | "normal" | "neutral";
};

export type Index = {
  readonly name: string;
  /** Attributes in order; `-name` sorts it descending. */
  readonly attributes: readonly string[];
  /** Only rows for which this condition on columns holds: SQL, as plain as PostgreSQL prints it. */
  readonly where?: string;
  /** SQL over columns in place of attributes, as PostgreSQL prints it, such as `label gin_trgm_ops`. */
  readonly expression?: string;
  /** `btree` when not given. */
  readonly method?: "gin";
};

/** Who may do something: every session, administrators, holders of a named right, or only the server itself. */
export type Admission = "session" | "admin" | "server" | { readonly right: string };

/** Rows that an operator sees (`readAccess`) or may change (`writeAccess`), in the expression language. */
export type SystemFilter = {
  readonly name: "readAccess" | "writeAccess";
  readonly conditions: readonly { readonly expression: string; readonly enabledIf?: string }[];
};

export type MethodParameter = {
  readonly name: string;
  readonly type: AttributeType | "float" | "DOMDocument" | "DOMElement" | "primarykey";
  readonly direction: "in" | "out" | "inout";
  /** The element of the service's schema that a DOMElement holds. */
  readonly structure?: string;
  readonly description?: string;
};

/** A SOAP method, declared by a service; its handler stands in modules/web/soap/methods. */
export type Method = {
  readonly name: string;
  readonly label: string;
  /** A static method needs no entity to be called on. */
  readonly isStatic: boolean;
  /** Who may call it: everyone, everyone with a session, administrators, or holders of a named right. */
  readonly access: "anonymous" | "session" | "admin" | { readonly right: string };
  /** Leaves the entity it is called on as it is, so that the answer does not hold it. */
  readonly isConst?: true;
  readonly description?: string;
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
  readonly computedFields?: Readonly<Record<string, ComputedField>>;
  /** Kept in the attribute `data`, a `json` one, under their paths. */
  readonly dataFields?: Readonly<Record<string, DataField>>;
  /**
   * The attribute, an `xml` one, that holds the whole entity as its client wrote it: the root element with all below.
   * The other attributes are read from those of the root.
   */
  readonly documentAttribute?: string;
  /**
   * How the REST interface calls the entity, where its name in the plural with hyphens would not read well:
   * `delivery-logs`.
   */
  readonly restName?: string;
  /** How a row is called where there is place for one text: an expression. Without it the values of its key. */
  readonly computeString?: string;
  /** The attribute that holds the folder whose rights the rows have, such as `folder-id`. */
  readonly folderAttribute?: string;
  /** Links to `one` row: a row of this schema may be read when all that they lead to may be. For schemas without folders. */
  readonly rightsThrough?: readonly string[];
  /** Who may read and write rows at all; every session when not given. */
  readonly access?: { readonly read?: Admission; readonly write?: Admission };
  readonly systemFilters?: readonly SystemFilter[];
  /** Every change by a client is kept in the audit trail, with who made it and what was changed. */
  readonly isAudited?: true;
  /** A table of the machinery: no client sees it, on any road. */
  readonly isHidden?: true;
};

/** `nms:recipient`. */
export function schemaId(schema: Pick<Schema, "namespace" | "name">): string {
  return `${schema.namespace}:${schema.name}`;
}

/** Declares a schema; the names of its attributes stay known to the compiler. */
export function defineSchema<const S extends Schema>(schema: S): S {
  return schema;
}
