/** Makes the task that a fired transition leads to. */

import { findActivity, type WorkflowDefinition } from "#campaign/workflow/workflow-definition.ts";
import { processEvent } from "#campaign/workflow/workflow-event-store.ts";
import { insertJournalLine } from "#campaign/workflow/workflow-log-store.ts";
import { markState } from "#campaign/workflow/workflow-store.ts";
import { insertTask } from "#campaign/workflow/workflow-task-store.ts";
import type { WorkflowEvent } from "#campaign/workflow/workflow.ts";
import { workflowStates } from "#schemas/codes.ts";

import type { RunHold } from "./hold-run.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Follows the arrow as the diagram has it now, so that what an operator edits ahead of a run counts. A transition that
 * leads nowhere pauses the run, with a warning and no failure; its event waits.
 * @returns false when the run paused
 */
export function activateEvent(
  { db, log }: RunContext,
  hold: RunHold,
  definition: WorkflowDefinition,
  event: WorkflowEvent,
): Promise<boolean> {
  const { workflowId, runNumber } = hold;
  const transition = findActivity(definition, event.fromActivity)?.transitions.find(
    ({ name }) => name === event.transition,
  );
  const target = transition?.target;
  return db.transaction(async (tx) => {
    await hold.confirm(tx);
    if (target === undefined) {
      await markState(tx, workflowId, workflowStates.paused);
      const message = `Paused: the transition '${event.transition}' leads nowhere. Draw it to an activity, then start the workflow again.`;
      await insertJournalLine(tx, { workflowId, runNumber, activity: event.fromActivity, level: "warning", message });
      log.warning("wfserver.transition_leads_nowhere", {
        workflowId,
        activity: event.fromActivity,
        transition: event.transition,
      });
      return false;
    }
    if (await processEvent(tx, event.id, target))
      await insertTask(tx, { workflowId, runNumber, activity: target, vars: event.vars });
    return true;
  });
}
