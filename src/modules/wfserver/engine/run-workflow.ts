/** Runs one workflow for as long as it has something to do. */

import { parseWorkflowDefinition } from "#campaign/workflow/parse-workflow-definition.ts";
import { findPendingEvent } from "#campaign/workflow/workflow-event-store.ts";
import { lockWorkflow, readWorkflow } from "#campaign/workflow/workflow-store.ts";
import { findDueTask, nextTaskMs } from "#campaign/workflow/workflow-task-store.ts";
import type { Workflow } from "#campaign/workflow/workflow.ts";
import { pause } from "#foundation/clock.ts";
import { workflowStates } from "#schemas/codes.ts";

import { activateEvent } from "./activate-event.ts";
import { dropIdleTables } from "./drop-idle-tables.ts";
import { endRun } from "./end-run.ts";
import { executeTask } from "./execute-task.ts";
import type { RunHold } from "./hold-run.ts";
import type { RunContext } from "./run-context.ts";
import { settleRun } from "./settle-run.ts";

/** A task that is due this soon is waited for; else the process ends, and a server starts another when it is due. */
const longestWaitMs = 5_000;

/**
 * Makes tasks of fired transitions and executes those that are due, one after the other, until the workflow is over,
 * told to pause or stop, or has to wait.
 * @param ending aborted when the process shall end: what is begun is finished, nothing new is
 */
export async function runWorkflow(context: RunContext, hold: RunHold, ending: AbortSignal): Promise<void> {
  for (;;) {
    const workflow = await readWorkflow(context.db, hold.workflowId);
    if (workflow === undefined || workflow.owner !== context.processId || workflow.runNumber !== hold.runNumber) return;
    if (workflow.state !== workflowStates.started) return settleRun(context, hold.workflowId, context.processId);
    if (hold.interrupted.aborted || ending.aborted) return;
    if (!(await takeStep(context, hold, workflow, ending))) return;
  }
}

/** Answers false when there is nothing left to do now. */
async function takeStep(context: RunContext, hold: RunHold, workflow: Workflow, ending: AbortSignal): Promise<boolean> {
  const { db } = context;
  const { workflowId, runNumber } = hold;
  const definition = parseWorkflowDefinition(workflow.internalName, workflow.definition);
  const event = await findPendingEvent(db, workflowId, runNumber);
  if (event !== undefined) return activateEvent(context, hold, definition, event);
  const task = await findDueTask(db, workflowId, runNumber);
  if (task !== undefined) {
    await executeTask(context, hold, { workflow, definition, task });
    await dropIdleTables(db, context.log);
    return true;
  }
  const notice = hold.nextNotice();
  const waitMs = await nextTaskMs(db, workflowId, runNumber);
  if (waitMs === undefined) return finishRun(context, hold);
  if (waitMs > longestWaitMs) return false;
  await pause(Math.max(waitMs, 1), AbortSignal.any([notice, ending]));
  return true;
}

/** Only failed and closed tasks are left, and a workflow with a failed one is paused: the run is over. */
async function finishRun({ db, log }: RunContext, hold: RunHold): Promise<false> {
  const isOver = await db.transaction(async (tx) => {
    await lockWorkflow(tx, hold.workflowId);
    await hold.confirm(tx);
    const isIdle = (await nextTaskMs(tx, hold.workflowId, hold.runNumber)) === undefined;
    if (isIdle) await endRun(tx, { id: hold.workflowId, runNumber: hold.runNumber }, "Finished.");
    return isIdle;
  });
  if (isOver) {
    log.info("wfserver.workflow_finished", { workflowId: hold.workflowId, run: hold.runNumber });
    await dropIdleTables(db, log);
  }
  return false;
}
