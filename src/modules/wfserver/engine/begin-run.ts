/** Begins a run of a workflow. */

import { firstActivities } from "#campaign/workflow/workflow-definition.ts";
import { cancelEvents } from "#campaign/workflow/workflow-event-store.ts";
import { insertJournalLine } from "#campaign/workflow/workflow-log-store.ts";
import { markFailed, markStarted, markState } from "#campaign/workflow/workflow-store.ts";
import { cancelTasks, insertTask } from "#campaign/workflow/workflow-task-store.ts";
import type { Variables, Workflow } from "#campaign/workflow/workflow.ts";
import type { Statements } from "#foundation/database.ts";

import { workflowStates } from "#schemas/codes.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";
import { checkDefinition } from "./check-definition.ts";

const { edited, starting, finished } = workflowStates;

/**
 * Activates every activity that no transition leads to. A wrong definition starts nothing: the faults go to the journal
 * and the workflow is marked as failed, in the state it was in.
 * @param tx a transaction that holds the workflow's row
 * @returns whether a run began
 */
export async function beginRun(
  tx: Statements,
  workflow: Workflow,
  { variables, schemas }: { readonly variables: Variables; readonly schemas: SchemaSet },
): Promise<boolean> {
  const checked = checkDefinition(workflow, schemas);
  const journal = { workflowId: workflow.id, activity: "" };
  if ("faults" in checked) {
    await markFailed(tx, workflow.id, true);
    // A start has announced itself by the state: the workflow rests again where it was.
    if (workflow.state === starting) await markState(tx, workflow.id, workflow.runNumber === 0 ? edited : finished);
    for (const fault of checked.faults) {
      await insertJournalLine(tx, {
        ...journal,
        runNumber: workflow.runNumber,
        level: "error",
        message: `Not started. ${fault}`,
      });
    }
    return false;
  }
  await cancelTasks(tx, workflow.id);
  await cancelEvents(tx, workflow.id);
  const runNumber = await markStarted(tx, workflow.id, variables);
  for (const { name } of firstActivities(checked.definition)) {
    await insertTask(tx, { workflowId: workflow.id, runNumber, activity: name, vars: {} });
  }
  await insertJournalLine(tx, { ...journal, runNumber, level: "info", message: `Started (run ${runNumber}).` });
  return true;
}
