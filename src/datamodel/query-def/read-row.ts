/** Reads one row of an answer. */

import type { Output } from "./output.ts";
import type { ResultRow } from "./query-def.ts";

/** The values of all outputs, in their order; what is missing is null. */
export function readRow(outputs: readonly Output[], row: unknown): ResultRow {
  const columns = row as Readonly<Record<string, unknown>>;
  return outputs.flatMap(({ values }, index) => {
    const raw = columns[`c${index + 1}`] ?? null;
    return values.map(({ read }) => (raw === null ? null : read(raw)));
  });
}
