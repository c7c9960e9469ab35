/** An entity on its way to the database: read and checked against its schema, its row not yet known. */

import type { Operation, RawValue } from "./entity-input.ts";
import type { FieldValue } from "./field-value.ts";
import type { Row } from "./row.ts";
import type { SchemaPlan } from "./schema-plan.ts";

export type Draft = {
  readonly plan: SchemaPlan;
  readonly operation: Operation;
  /** Values of stored and data fields, parsed. */
  readonly values: Map<string, FieldValue>;
  /** Paths of `values` that came from a linked element or a parent: the rows they name are known to be there. */
  resolved: ReadonlySet<string>;
  /** Values of computed fields, as they came. */
  readonly computed: ReadonlyMap<string, RawValue>;
  readonly extras: ReadonlyMap<string, FieldValue>;
  /** As the client wrote it: paths of fields, or of fields behind links. */
  readonly key: readonly string[] | undefined;
  readonly links: ReadonlyMap<string, Draft>;
  readonly collections: ReadonlyMap<string, readonly Draft[]>;
  /** Once it is found or made. */
  row: Row | undefined;
  effect: "inserted" | "updated" | "deleted" | "found" | "nothing";
  /** How often somebody else was faster in inserting a row of the same key. */
  overtaken: number;
};
