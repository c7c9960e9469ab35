/** Errors of the database connection. */

import { defineError } from "./errors.ts";

export const databaseUnreachable = defineError<{ where: string; reason: string }>("DBS-100001", {
  message: ({ where, reason }) =>
    `The database at ${where} cannot be reached: ${reason}. Check that PostgreSQL runs there and that database.url is right.`,
  mayRetry: true,
});

export const databaseRefused = defineError<{ where: string; reason: string }>("DBS-100002", {
  message: ({ where, reason }) =>
    `The database at ${where} refuses us: ${reason}. Check the login, the password and the database name (postrider config -setdblogin:...).`,
});

export const invalidDatabaseUrl = defineError<{ url: string }>("DBS-100003", {
  message: ({ url }) =>
    `'${url}' is not a database address. Write it as postgres://login@host:5432/database, or leave database.url empty for the embedded PostgreSQL.`,
});

export const databaseIsNewer = defineError<{ unknown: string }>("DBS-100004", {
  message: ({ unknown }) =>
    `The database was changed by a newer Postrider (it has the migration ${unknown}, which this version does not know). Start that version, or restore a backup made before the upgrade.`,
});

export const migrationFailed = defineError<{ migration: string }>("DBS-100005", {
  message: ({ migration }) => `The migration ${migration} failed and was undone; the database is as it was before it.`,
});

export const databaseIsOlder = defineError<{ missing: readonly string[]; instance: string }>("DBS-100006", {
  message: ({ missing, instance }) =>
    `The database lacks ${missing.length} migration(s), from ${missing[0] ?? ""}. Run: postrider config -updatedb -instance:${instance}`,
  mayRetry: true,
});

const awayCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "25006",
  "53100",
]);

/** True when the error says that the database cannot be reached or written now, and may be later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code === "DBS-100001" || code === "DBS-100006") return true;
  if ((awayCodes.has(code) && !code.startsWith("E")) || code.startsWith("08")) return true;
  if (awayCodes.has(code) && isConnectError(error)) return true;
  if (
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/.test(
      error.message,
    )
  )
    return true;
  if (error instanceof AggregateError && error.errors.some(isDatabaseAway)) return true;
  return error.cause !== undefined && isDatabaseAway(error.cause);
}

/** PostgreSQL answers, and takes no changes: it is a standby or read-only, or its disk is full. */
const unwritableCodes = new Set(["25006", "53100"]);

/** True when the database answers and takes no changes now. */
export function isDatabaseUnwritable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && unwritableCodes.has(error.code)) return true;
  return error.cause !== undefined && isDatabaseUnwritable(error.cause);
}

/** A file that is missing has the same code as a socket that is: only what a socket call said counts. */
function isConnectError(error: Error): boolean {
  return (
    "syscall" in error &&
    typeof error.syscall === "string" &&
    /^(connect|read|write|getaddrinfo)$/.test(error.syscall) &&
    !("path" in error)
  );
}
