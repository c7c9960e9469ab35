/** Executes one task: runs its activity, and records what came of it in one transaction. */

import { findActivity, type WorkflowDefinition } from "#campaign/workflow/workflow-definition.ts";
import { insertJournalLine } from "#campaign/workflow/workflow-log-store.ts";
import { markFailed, markState } from "#campaign/workflow/workflow-store.ts";
import { countAttempt, failTask, rememberOwn, takeAttemptBack } from "#campaign/workflow/workflow-task-store.ts";
import type { Workflow, WorkflowTask } from "#campaign/workflow/workflow.ts";
import { findViewer } from "#campaign/access/find-viewer.ts";
import { schemasOf } from "#campaign/structure/instance-schemas.ts";
import { isDatabaseAway } from "#foundation/database-errors.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import { workflowStates } from "#schemas/codes.ts";
import type { Viewer } from "#datamodel/viewer.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import type { ActivityCall, Outcome } from "../activities/activity.ts";
import { findActivityType } from "../activities/index.ts";
import { activityGone, activityUnknown, triedTooOften } from "../errors.ts";
import { closeTask } from "./close-task.ts";
import type { RunHold } from "./hold-run.ts";
import type { RunContext } from "./run-context.ts";

/** A task that ends its process, again and again, must not do so for ever. */
const mostAttempts = 5;

type Work = { readonly workflow: Workflow; readonly definition: WorkflowDefinition; readonly task: WorkflowTask };

/**
 * Executes a task. An error of the activity fails the task and pauses the workflow; what was interrupted is undone and
 * stays open; without the database, or without the lease, the error is passed on and the task stays open too.
 */
export async function executeTask(context: RunContext, hold: RunHold, work: Work): Promise<void> {
  const { task } = work;
  const attempts = await countAttempt(context.db, task.id);
  // Closed since it was found: by a command that ended the run.
  if (attempts === 0) return;
  const startedMs = context.clock.elapsedMs();
  try {
    if (attempts > mostAttempts) throw triedTooOften({ activity: task.activity, attempts: attempts - 1 });
    const { timezone } = context.settings.of(instanceSettings);
    const viewer = await findViewer(context.db, work.workflow.modifiedBy, timezone);
    const outcome = await runActivity(context, work, { schemas: await schemasOf(context), viewer });
    await closeTask(context, hold, work, outcome, startedMs);
  } catch (error) {
    if (isDatabaseAway(error) || isLost(error)) throw error;
    if (hold.interrupted.aborted) return takeAttemptBack(context.db, task.id);
    await recordFailure(context, hold, work, error);
  }
}

function runActivity(
  context: RunContext,
  { workflow, definition, task }: Work,
  { schemas, viewer }: { readonly schemas: SchemaSet; readonly viewer: Viewer },
): Promise<Outcome> {
  const node = findActivity(definition, task.activity);
  if (node === undefined) throw activityGone({ activity: task.activity });
  const type = findActivityType(node.type);
  if (type === undefined) throw activityUnknown({ activity: node.name, type: node.type });
  context.log.trace("wkf", "wfserver.activity_started", {
    workflowId: workflow.id,
    activity: node.name,
    taskId: task.id,
  });
  const call: ActivityCall<unknown> = {
    context,
    workflow: {
      id: workflow.id,
      internalName: workflow.internalName,
      runNumber: workflow.runNumber,
      variables: workflow.variables,
    },
    node,
    task,
    schemas,
    viewer,
    settings: undefined,
    remember: (own) => rememberOwn(context.db, task.id, own),
    journal: (level, message) =>
      insertJournalLine(context.db, {
        workflowId: workflow.id,
        runNumber: workflow.runNumber,
        activity: node.name,
        level,
        message,
      }),
  };
  return type.run(call);
}

/** The task is marked, the workflow paused and marked as failed, and the journal says why: all or nothing. */
async function recordFailure(
  context: RunContext,
  hold: RunHold,
  { workflow, task }: Work,
  error: unknown,
): Promise<void> {
  const reason = describeError(error);
  await context.db.transaction(async (tx) => {
    await hold.confirm(tx);
    await failTask(tx, task.id, reason.replaceAll("\0", ""));
    await markState(tx, workflow.id, workflowStates.paused);
    await markFailed(tx, workflow.id, true);
    await insertJournalLine(tx, {
      workflowId: workflow.id,
      runNumber: workflow.runNumber,
      activity: task.activity,
      level: "error",
      message: reason,
    });
  });
  const stack = isPostriderError(error) || !(error instanceof Error) ? undefined : error.stack;
  context.log.error("wfserver.task_failed", {
    workflowId: workflow.id,
    activity: task.activity,
    taskId: task.id,
    reason,
    stack,
  });
}

function isLost(error: unknown): boolean {
  return isPostriderError(error) && error.code === "WKF-200006";
}
