/** Drops the work tables that nothing will read any more. */

import type { Database } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import { dropWorkTable, listIdleWorkTables } from "./work-table-store.ts";

/** Drops each in a transaction of its own; one that is being read is left for the next time. */
export async function dropIdleTables(db: Database, log: Log): Promise<void> {
  for (const table of await listIdleWorkTables(db)) {
    try {
      await db.transaction((tx) => dropWorkTable(tx, table));
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      log.debug("wfserver.work_table_in_use", { table, reason: describeError(error) });
    }
  }
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "55P03";
}
