/** Carries out what a workflow was told while it ran: to pause, to stop, to restart. */

import { notifyWorkflow } from "#campaign/workflow/workflow-job-store.ts";
import { insertJournalLine } from "#campaign/workflow/workflow-log-store.ts";
import { lockWorkflow, markState } from "#campaign/workflow/workflow-store.ts";
import { schemasOf } from "#campaign/structure/instance-schemas.ts";
import type { Statements } from "#foundation/database.ts";
import type { Context } from "#foundation/module.ts";
import { workflowStates } from "#schemas/codes.ts";

import { beginRun } from "./begin-run.ts";
import { endRun } from "./end-run.ts";

/**
 * Brings a workflow from pausing, stopping or restarting to where it was told to go. Nothing of it may be running:
 * its runner calls this between two activities, a server once there is no runner.
 * @param processId the runner that calls; undefined for a server
 */
export async function settleRun(
  context: Pick<Context, "db" | "clock" | "log">,
  workflowId: number,
  processId?: string,
): Promise<void> {
  const schemas = await schemasOf(context);
  return context.db.transaction(async (tx) => {
    const workflow = await lockWorkflow(tx, workflowId);
    if (workflow === undefined || (workflow.owner !== undefined && workflow.owner !== processId)) return;
    if (workflow.state === workflowStates.pausing) await pauseRun(tx, workflow);
    if (workflow.state === workflowStates.stopping) await endRun(tx, workflow, "Stopped.");
    if (workflow.state !== workflowStates.restarting) return;
    await endRun(tx, workflow, "Stopped, to be started again.");
    await beginRun(tx, workflow, { variables: workflow.variables, schemas });
    await notifyWorkflow(tx, workflowId);
  });
}

async function pauseRun(tx: Statements, { id, runNumber }: { id: number; runNumber: number }): Promise<void> {
  await markState(tx, id, workflowStates.paused);
  await insertJournalLine(tx, { workflowId: id, runNumber, activity: "", level: "info", message: "Paused." });
}
