/** A query as data: what SOAP, REST, screens and workflows describe, and what is compiled to one statement. */

import type { AttributeType, Schema } from "#schemas/schema.ts";
import type { Enumeration } from "#schemas/enumeration.ts";

export type QueryDef = {
  /** `nms:recipient`. */
  readonly schema: string;
  /** `get` without a row is an error, `getIfExists` is not; `count` answers how many rows `select` would. */
  readonly operation: "select" | "get" | "getIfExists" | "count";
  readonly select: readonly SelectNode[];
  readonly where?: readonly Condition[];
  readonly groupBy?: readonly string[];
  readonly having?: readonly Condition[];
  readonly orderBy?: readonly OrderNode[];
  /** Most rows to answer; the caller's default when not given. */
  readonly lineCount?: number;
  /** Rows to leave out, from 0. */
  readonly startLine?: number;
  readonly isDistinct?: boolean;
};

export type SelectNode = {
  /** An expression, or the name of a link with `nested`. */
  readonly expr: string;
  /** Where the value stands in the answer: a path such as `@total` or `owner/@name`; may start with `../`. */
  readonly alias?: string;
  readonly isGroupedBy?: boolean;
  /** Of a value from an enumeration also its name and label are answered. */
  readonly isAnalyzed?: boolean;
  /** Of a link to many rows: what is answered of each. */
  readonly nested?: Pick<QueryDef, "select" | "where" | "orderBy" | "lineCount">;
};

export type OrderNode = { readonly expr: string; readonly isDescending?: boolean };

/** Conditions side by side all hold, unless the first of two says that one of them is enough. */
export type Condition = {
  /** Joins this condition and the next one by OR. */
  readonly isOrNext?: boolean;
} & (
  | { readonly kind: "expression"; readonly expr: string }
  | { readonly kind: "group"; readonly conditions: readonly Condition[]; readonly isNegated?: boolean }
  /** `expr`: a link to many rows, of which one or none meets the conditions. */
  | {
      readonly kind: "exists";
      readonly expr: string;
      readonly isNegated?: boolean;
      readonly conditions: readonly Condition[];
    }
  /** `subQuery` selects one value. */
  | { readonly kind: "in"; readonly expr: string; readonly isNegated?: boolean; readonly subQuery: QueryDef }
);

/** One value of each row of an answer. */
export type ResultColumn = {
  /** Where it stands: `@email`, `folder/@name`, `content/html/source`. */
  readonly path: string;
  readonly type: AttributeType;
  readonly enumeration?: Enumeration;
  /** The rows behind a link to many: the value is an array of rows. */
  readonly nested?: readonly ResultColumn[];
};

export type QueryResult =
  /** `Row[i]` is the value of `columns[i]`: null, string, number, boolean, Date (datetime), or rows for `nested`. */
  | {
      readonly kind: "rows";
      readonly schema: Schema;
      readonly columns: readonly ResultColumn[];
      readonly rows: readonly ResultRow[];
      readonly position?: Position;
    }
  | { readonly kind: "count"; readonly schema: Schema; readonly count: number };

export type ResultRow = readonly unknown[];

/** The values that a row is sorted by, as PostgreSQL prints them: exact to the microsecond. */
export type Position = readonly (string | null)[];
