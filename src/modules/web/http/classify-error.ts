/** Decides what a client is told of an error: a status and our own sentences, never a stack, a path or a statement. */

import { randomBytes } from "node:crypto";

import { isDatabaseAway, isDatabaseUnwritable } from "#foundation/database-errors.ts";
import { isPostriderError, type PostriderError } from "#foundation/errors.ts";

import { databaseAway, databaseUnwritable, internalFailure } from "../errors.ts";

export type Classified = {
  readonly status: number;
  readonly error: PostriderError;
  /** What only the log may say: set for defects and for a database that is away. */
  readonly reference: string | undefined;
};

/** Errors of the house itself: their sentences name hosts, files and settings. */
const houseErrors = /^(STG|HOM|SEC|CTL|CLI|LOG)-/;

/** Statuses of errors that have one of their own. */
const statuses: Readonly<Record<string, number>> = {
  "XSV-350008": 401,
  "XSV-350012": 403,
  "XSV-350013": 403,
  "XSV-350100": 429,
  "XSV-350103": 403,
  "SOP-330110": 403,
  "WEB-100006": 403,
  "WEB-100009": 413,
  "WEB-100012": 403,
  "WEB-100011": 404,
};

/** Sorts an error into: ours, the database is away, the request's own fault, or a defect. */
export function classifyError(error: unknown): Classified {
  if (isDatabaseUnwritable(error)) return { status: 503, error: databaseUnwritable(), reference: undefined };
  if (isDatabaseAway(error) || (isPostriderError(error) && error.code.startsWith("DBS-"))) {
    return { status: 503, error: databaseAway(), reference: undefined };
  }
  if (isPostriderError(error) && !houseErrors.test(error.code))
    return { status: statuses[error.code] ?? (error.mayRetry ? 503 : 400), error, reference: undefined };
  const reference = randomBytes(4).toString("hex");
  return { status: 500, error: internalFailure({ reference }), reference };
}

/** The status of an error that the HTTP layer itself raised (too large, wrong type, unreadable), or undefined. */
export function httpStatusOf(error: unknown): number | undefined {
  const isFromLayer =
    error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("FST_ERR_");
  const status = isFromLayer && "statusCode" in error ? Number(error.statusCode) : Number.NaN;
  return status >= 400 && status < 500 ? status : undefined;
}
