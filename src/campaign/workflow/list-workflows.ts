/** What the workflows of an instance are doing: for the command line and for web. */

import type { Statements } from "#foundation/database.ts";

import { listWorkflowRows, type WorkflowSummary } from "./workflow-store.ts";

/** The workflows by name, with state, owner and number of open tasks. */
export function listWorkflows(db: Statements, limit = 1_000): Promise<WorkflowSummary[]> {
  return listWorkflowRows(db, limit);
}
