/** Tells a query that cannot be answered apart from a defect. */

import { queryInvalid, queryNotComputable, queryTooSlow } from "./errors.ts";

type Query = { readonly schema: string; readonly timeoutMs: number | undefined };

/**
 * Runs a query; what PostgreSQL says of its values, its grouping or its time becomes a sentence without SQL.
 * @throws queryNotComputable, queryInvalid, queryTooSlow; other errors as they are
 */
export async function explainQueryError<T>({ schema, timeoutMs }: Query, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const state = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
    const message = cause instanceof Error ? cause.message : "";
    if (/^(22|54)/.test(state)) throw queryNotComputable({ schema, problem: message }, { cause });
    if (state === "42803")
      throw queryInvalid(
        { schema, problem: "it groups, but not everything that is selected or sorted by is grouped or aggregated" },
        { cause },
      );
    if (state === "42P20")
      throw queryInvalid({ schema, problem: "a window stands where none can be computed" }, { cause });
    if (state === "57014")
      throw queryTooSlow({ schema, seconds: timeoutMs === undefined ? undefined : timeoutMs / 1_000 }, { cause });
    throw cause;
  }
}
