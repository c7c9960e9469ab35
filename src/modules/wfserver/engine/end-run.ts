/** Ends a run of a workflow. */

import { cancelEvents } from "#campaign/workflow/workflow-event-store.ts";
import { insertJournalLine } from "#campaign/workflow/workflow-log-store.ts";
import { markFinished } from "#campaign/workflow/workflow-store.ts";
import { cancelTasks } from "#campaign/workflow/workflow-task-store.ts";
import type { Workflow } from "#campaign/workflow/workflow.ts";
import type { Statements } from "#foundation/database.ts";

/**
 * Closes what is still open and brings the workflow into the state finished. Its work tables are idle from then on.
 * @param tx a transaction that holds the workflow's row
 * @param reason a sentence for the journal
 */
export async function endRun(
  tx: Statements,
  workflow: Pick<Workflow, "id" | "runNumber">,
  reason: string,
): Promise<void> {
  await cancelTasks(tx, workflow.id);
  await cancelEvents(tx, workflow.id);
  await markFinished(tx, workflow.id);
  await insertJournalLine(tx, {
    workflowId: workflow.id,
    runNumber: workflow.runNumber,
    activity: "",
    level: "info",
    message: reason,
  });
}
