/** How a query is answered, beyond what it says itself. */

import type { ParameterValue } from "../expression/typed.ts";

import type { Position } from "./query-def.ts";

export type QueryOptions = {
  /** Most rows of a `select` that gives no lineCount, and of each list of nested rows. */
  readonly defaultLineCount?: number;
  /** Most rows of any `select`. */
  readonly mostLines?: number;
  /** Values of `$(name)`; `$(login)` and `$(loginId)` are the viewer's. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** Answers the text by which each row is called, as `@_cs`. */
  readonly hasComputeString?: boolean;
  /** Only rows that follow this position in the order: `position` of an earlier answer to the same query. */
  readonly after?: Position;
  /** Answers the position of the last row. */
  readonly withPosition?: boolean;
  /** A statement that takes longer is ended; without it, or within a transaction of the caller's, it takes as long as it takes. */
  readonly timeoutMs?: number;
};
