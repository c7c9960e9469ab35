/** The statements on `xtk_workflow_log`: the journal that operators read. */

import type { Statements } from "#foundation/database.ts";

export type JournalLevel = "info" | "warning" | "error";

export type JournalLine = {
  readonly workflowId: number;
  readonly runNumber: number;
  /** Empty = the workflow as a whole. */
  readonly activity: string;
  readonly level: JournalLevel;
  readonly message: string;
};

/** Adds a line to the journal; NUL characters, which PostgreSQL cannot store, are left out. */
export async function insertJournalLine(tx: Statements, line: JournalLine): Promise<void> {
  await tx.run`
    insert into xtk_workflow_log (workflow_id, run_number, activity, level, message)
    values (${line.workflowId}, ${line.runNumber}, ${line.activity}, ${line.level}, ${line.message.replaceAll("\0", "").slice(0, 4000)})`;
}

export type StoredJournalLine = JournalLine & { readonly logged: Date };

/** The newest lines of a workflow's journal, oldest first. */
export async function listJournalLines(
  db: Statements,
  workflowId: number,
  limit: number,
): Promise<StoredJournalLine[]> {
  const lines = await db.rows(parseLine)`
    select workflow_id, run_number, activity, level, message, logged from xtk_workflow_log
     where workflow_id = ${workflowId} order by workflow_log_id desc limit ${limit}`;
  return lines.reverse();
}

function parseLine(raw: unknown): StoredJournalLine {
  const row = raw as {
    workflow_id: number;
    run_number: number;
    activity: string;
    level: JournalLevel;
    message: string;
    logged: Date;
  };
  return {
    workflowId: row.workflow_id,
    runNumber: row.run_number,
    activity: row.activity,
    level: row.level,
    message: row.message,
    logged: row.logged,
  };
}
