/** Records what came of a task: the populations, the fired transitions and the closed task appear together, or not at all. */

import { findActivity, type WorkflowDefinition } from "#campaign/workflow/workflow-definition.ts";
import { insertEvent, reserveEventId } from "#campaign/workflow/workflow-event-store.ts";
import { insertJournalLine } from "#campaign/workflow/workflow-log-store.ts";
import { cancelEvents } from "#campaign/workflow/workflow-event-store.ts";
import { cancelTasks, completeTask, postponeTask } from "#campaign/workflow/workflow-task-store.ts";
import type { Variables, Workflow, WorkflowTask } from "#campaign/workflow/workflow.ts";
import type { Statements } from "#foundation/database.ts";

import type { Fired, Outcome } from "../activities/activity.ts";
import { interrupted } from "../errors.ts";
import type { RunHold } from "./hold-run.ts";
import type { RunContext } from "./run-context.ts";
import { createWorkTable, enterRun, measureWorkTable, workTableName } from "./work-table-store.ts";

type Work = { readonly workflow: Workflow; readonly definition: WorkflowDefinition; readonly task: WorkflowTask };
type Event = { readonly id: number; readonly transition: string; readonly vars: Variables };

/**
 * Closes or postpones a task.
 * @throws runLost when the workflow is no longer this process's, interrupted when it was told to stop; nothing is recorded then
 */
export async function closeTask(
  context: RunContext,
  hold: RunHold,
  work: Work,
  outcome: Outcome,
  startedMs: number,
): Promise<void> {
  const { workflow, task } = work;
  if (outcome.kind === "postponed") {
    await context.db.transaction(async (tx) => {
      await hold.confirm(tx);
      await postponeTask(tx, task.id, outcome.delayMs);
    });
    return;
  }
  const events = await context.db.transaction(async (tx) => {
    // The populations come first and may take long; the workflow's row is locked only for the short rest.
    await enterRun(tx, workflow.id);
    const events: Event[] = [];
    for (const fired of presentIn(work, outcome.fired)) events.push(await fire(tx, hold, work, fired));
    await hold.confirm(tx);
    if (!(await completeTask(tx, task.id))) throw interrupted({ activity: task.activity });
    if (outcome.cancelsOtherTasks === true) {
      await cancelTasks(tx, workflow.id);
      await cancelEvents(tx, workflow.id);
    }
    for (const event of events)
      await insertEvent(tx, { ...event, workflowId: workflow.id, runNumber: workflow.runNumber, taskId: task.id });
    await insertJournalLine(tx, {
      workflowId: workflow.id,
      runNumber: workflow.runNumber,
      activity: task.activity,
      level: "info",
      message: describeEvents(events),
    });
    return events;
  });
  context.log.info("wfserver.task_completed", {
    workflowId: workflow.id,
    activity: task.activity,
    taskId: task.id,
    fired: events.map(({ transition }) => transition),
    rows: events.map(({ vars }) => vars["recCount"]).find((count) => typeof count === "number"),
    durationMs: Math.round(context.clock.elapsedMs() - startedMs),
  });
}

/** A transition that the diagram does not have costs nothing: its population is not even made. */
function presentIn({ definition, task }: Work, fired: readonly Fired[]): readonly Fired[] {
  const transitions = findActivity(definition, task.activity)?.transitions ?? [];
  const names = transitions.filter(({ isDisabled }) => isDisabled !== true).map(({ name }) => name);
  return fired.filter(({ transition }) => names.includes(transition));
}

async function fire(tx: Statements, hold: RunHold, { workflow, task }: Work, fired: Fired): Promise<Event> {
  if (hold.interrupted.aborted) throw interrupted({ activity: task.activity });
  const id = await reserveEventId(tx);
  const vars = { ...task.vars, ...fired.vars };
  if (fired.population === undefined) return { id, transition: fired.transition, vars };
  const tableName = workTableName(workflow.id, id);
  await createWorkTable(tx, tableName);
  await fired.population.fill(tx, tableName);
  const recCount = await measureWorkTable(tx, tableName);
  return { id, transition: fired.transition, vars: { ...vars, tableName, schema: fired.population.schema, recCount } };
}

function describeEvents(events: readonly Event[]): string {
  const shown = events.map(({ transition, vars }) =>
    typeof vars["recCount"] === "number" ? `${transition}: ${vars["recCount"]} rows` : transition,
  );
  return shown.length === 0 ? "Done." : `Done (${shown.join(", ")}).`;
}
