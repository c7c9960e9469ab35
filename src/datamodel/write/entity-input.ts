/** What a client wants written: entities with their links and collections, as SOAP, REST and imports describe them. */

/** `insertOrUpdate` when not given; `none` only finds the row. */
export type Operation = "insert" | "insertOrUpdate" | "update" | "delete" | "none";

/** As it came: the writer reads it by the field's type. Null and an empty text empty the field (0 for numbers). */
export type RawValue = string | number | boolean | null;

export type EntityInput = {
  /** `nms:recipient`. */
  readonly schema: string;
  readonly operation?: Operation;
  /** Paths that the row is found by, such as `@email` or `[folder/@name]`; without it the first key that is given whole. */
  readonly key?: readonly string[];
  /** By path without `@`: `email`, `location/city`, `folder-id`. What is absent stays as it is. */
  readonly values: ReadonlyMap<string, RawValue>;
  /** Linked rows by the name of the link. */
  readonly links: ReadonlyMap<string, EntityInput>;
  /** Rows behind links to many, by the name of the link. */
  readonly collections: ReadonlyMap<string, readonly EntityInput[]>;
};

export type WrittenEntity = {
  readonly schema: string;
  /** The values of the primary key, in its order; undefined when an update or a deletion met no row. */
  readonly key: readonly (string | number)[] | undefined;
  readonly effect: "inserted" | "updated" | "deleted" | "found" | "nothing";
};
