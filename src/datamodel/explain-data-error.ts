/** Tells an expression that fails on the data apart from a defect. */

import { expressionNotComputable } from "./expression/errors.ts";

/**
 * Runs a query; what PostgreSQL says about values (out of range, not a date) becomes a sentence about the expression.
 * @throws expressionNotComputable; other errors as they are
 */
export async function explainDataError<T>(expression: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (!isDataError(cause)) throw cause;
    throw expressionNotComputable({ expression, problem: cause.message }, { cause });
  }
}

/** SQLSTATE class 22: data exception; 54: a program limit, such as a statement too complex. */
function isDataError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^(22|54)/.test(error.code);
}
