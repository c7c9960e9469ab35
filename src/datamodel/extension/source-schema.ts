/** A schema as an operator wrote it, read: one of his own, or an extension of another one. */

import type { Enumeration } from "#schemas/enumeration.ts";
import type { Attribute, ComputedField, DataField, Link, SystemFilter } from "#schemas/schema.ts";

/** A field as it is meant; its column follows from the table it ends up in. */
export type SourceAttribute = Omit<Attribute, "column" | "computed" | "sequenceCache">;

export type SourceLink = {
  readonly label: string;
  /** `cus:store`. */
  readonly target: string;
  /** Attributes that are equal; undefined = an attribute `<link>-id` of its own, and the target's primary key. */
  readonly join: Link["join"] | undefined;
  /** How the target calls the way back; undefined = there is none. */
  readonly reverse: string | undefined;
  readonly reverseLabel: string;
  readonly isReverseSingle: boolean;
  /** What deleting a row does to the target, and what deleting the target does to the row. */
  readonly integrity: Link["integrity"];
  readonly reverseIntegrity: Link["integrity"];
};

/** Fields as `xpath`s without `@`, or names of links, which stand for their keys. */
export type SourceKey = { readonly name: string; readonly isPrimary: boolean; readonly fields: readonly string[] };
export type SourceIndex = { readonly name: string; readonly isUnique: boolean; readonly fields: readonly string[] };

export type SourceSchema = {
  readonly namespace: string;
  readonly name: string;
  /** The schema that is extended; undefined for one of its own. */
  readonly extendedSchema: string | undefined;
  readonly label: string;
  readonly labelSingular: string;
  readonly description: string | undefined;
  /** A primary key `id` with its sequence is added. */
  readonly hasOwnKey: boolean;
  readonly attributes: ReadonlyMap<string, SourceAttribute>;
  readonly dataFields: ReadonlyMap<string, DataField>;
  readonly computedFields: ReadonlyMap<string, ComputedField>;
  readonly links: ReadonlyMap<string, SourceLink>;
  readonly keys: readonly SourceKey[];
  readonly indexes: readonly SourceIndex[];
  readonly enumerations: readonly Enumeration[];
  readonly computeString: string | undefined;
  readonly systemFilters: readonly SystemFilter[];
  readonly removedFilters: readonly SystemFilter["name"][];
  readonly isAudited: boolean;
  /** The link to the folder whose rights the rows have. */
  readonly folderLink: string | undefined;
  /** Fields, keys and indexes that the document says are gone: they may not be the product's. */
  readonly removed: readonly string[];
};

/** `cus:recipient`. */
export function sourceId({ namespace, name }: Pick<SourceSchema, "namespace" | "name">): string {
  return `${namespace}:${name}`;
}
