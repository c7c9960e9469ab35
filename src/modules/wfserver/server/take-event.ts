/** Puts an event from outside to the activity it is for, which fires a transition for it. */

import { parseWorkflowDefinition } from "#campaign/workflow/parse-workflow-definition.ts";
import { findActivity, type WorkflowDefinition } from "#campaign/workflow/workflow-definition.ts";
import { insertEvent, reserveEventId } from "#campaign/workflow/workflow-event-store.ts";
import { insertJournalLine } from "#campaign/workflow/workflow-log-store.ts";
import { completeTask, findTaskOf, insertClosedTask } from "#campaign/workflow/workflow-task-store.ts";
import type { PostedEvent, Workflow } from "#campaign/workflow/workflow.ts";
import type { Statements } from "#foundation/database.ts";
import { isPostriderError } from "#foundation/errors.ts";

/**
 * Fires the transition that an event names, with what travelled to the activity and the event's own variables. The
 * activity need not have been reached; once an event has completed it, further ones are refused in the journal.
 * @param tx a transaction that holds the workflow's row
 */
export async function takeEvent(tx: Statements, workflow: Workflow, event: PostedEvent): Promise<void> {
  const { id: workflowId, runNumber } = workflow;
  const journal = (level: "info" | "error", message: string): Promise<void> =>
    insertJournalLine(tx, { workflowId, runNumber, activity: event.activity.slice(0, 64), level, message });
  const transition = findTransition(workflow, event);
  if ("problem" in transition) return journal("error", `The event was not taken: ${transition.problem}.`);
  const known = await findTaskOf(tx, { workflowId, runNumber, activity: event.activity });
  if (known !== undefined && !known.isOpen)
    return journal("error", "The event was not taken: the activity has ended already.");
  const taskId =
    known?.id ??
    (await insertClosedTask(tx, { workflowId, runNumber, activity: event.activity, isPosted: !event.isComplete }));
  if (event.isComplete && known !== undefined) await completeTask(tx, known.id);
  const id = await reserveEventId(tx);
  const vars = { ...known?.vars, ...event.variables };
  await insertEvent(tx, { id, workflowId, runNumber, taskId, transition: transition.name, vars });
  return journal("info", `Event taken (${transition.name}).`);
}

function findTransition(
  workflow: Workflow,
  { activity, transition }: PostedEvent,
): { readonly name: string } | { readonly problem: string } {
  const definition = readStored(workflow);
  const node = definition === undefined ? undefined : findActivity(definition, activity);
  if (node === undefined) return { problem: "there is no such activity" };
  const [first] = node.transitions;
  const found = transition === "" ? first : node.transitions.find(({ name }) => name === transition);
  return (
    found ?? {
      problem:
        transition === ""
          ? "the activity has no transition"
          : `the activity has no transition '${transition.slice(0, 64)}'`,
    }
  );
}

/** One that was emptied while the workflow is paused cannot be read. */
function readStored({ internalName, definition }: Workflow): WorkflowDefinition | undefined {
  try {
    return parseWorkflowDefinition(internalName, definition);
  } catch (error) {
    if (isPostriderError(error)) return undefined;
    throw error;
  }
}
