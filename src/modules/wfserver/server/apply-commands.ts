/** Applies the commands that operators stored, in their order. */

import { notifyWorkflow, listWaitingJobs, markApplied } from "#campaign/workflow/workflow-job-store.ts";
import { insertJournalLine } from "#campaign/workflow/workflow-log-store.ts";
import { lockWorkflow, markFailed, markState } from "#campaign/workflow/workflow-store.ts";
import { reopenFailedTasks, wakeTasks } from "#campaign/workflow/workflow-task-store.ts";
import type { Variables, Workflow, WorkflowJob } from "#campaign/workflow/workflow.ts";
import { schemasOf } from "#campaign/structure/instance-schemas.ts";
import type { Statements } from "#foundation/database.ts";
import { unreachable } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { workflowStates } from "#schemas/codes.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { beginRun } from "../engine/begin-run.ts";
import { type CommandDecision, decideCommand, decideEvent } from "../engine/decide-command.ts";
import { endRun } from "../engine/end-run.ts";
import { endConnections } from "../engine/work-table-store.ts";
import { takeEvent } from "./take-event.ts";

const atOnce = 200;

/**
 * Applies what can be applied now; a command behind one that has to wait waits too.
 * @param cutOff ends the runner of a workflow at once, when it is a child of this process
 */
export async function applyCommands(
  context: Pick<Context, "db" | "log" | "clock">,
  cutOff: (workflowId: number) => void,
): Promise<void> {
  const waiting = new Set<number>();
  const jobs = await listWaitingJobs(context.db, atOnce);
  if (jobs.length === 0) return;
  const schemas = await schemasOf(context);
  for (const job of jobs) {
    if (waiting.has(job.workflowId)) continue;
    const decision = await context.db.transaction((tx) => applyJob(tx, job, schemas));
    if (decision?.kind === "later") waiting.add(job.workflowId);
    if (decision?.kind === "cutOff") {
      cutOff(job.workflowId);
      await endConnections(context.db, job.workflowId);
    }
    if (decision !== undefined && decision.kind !== "later") {
      context.log.info("wfserver.command_applied", {
        workflowId: job.workflowId,
        command: job.command,
        effect: decision.kind,
      });
    }
  }
}

/** Undefined when the command, or its workflow, is gone. */
async function applyJob(tx: Statements, job: WorkflowJob, schemas: SchemaSet): Promise<CommandDecision | undefined> {
  const workflow = await lockWorkflow(tx, job.workflowId);
  if (workflow === undefined) {
    await markApplied(tx, job.id);
    return undefined;
  }
  const decision =
    job.command === "postEvent"
      ? decideEvent(workflow.state)
      : decideCommand(job.command, workflow.state, workflow.owner !== undefined);
  if (decision.kind === "later") return decision;
  if (!(await markApplied(tx, job.id))) return undefined;
  await carryOut(tx, { workflow, job, schemas }, decision);
  await notifyWorkflow(tx, workflow.id);
  return decision;
}

async function carryOut(
  tx: Statements,
  { workflow, job, schemas }: { readonly workflow: Workflow; readonly job: WorkflowJob; readonly schemas: SchemaSet },
  decision: CommandDecision,
): Promise<void> {
  const journal = (level: "info" | "warning", message: string): Promise<void> =>
    insertJournalLine(tx, { workflowId: workflow.id, runNumber: workflow.runNumber, activity: "", level, message });
  switch (decision.kind) {
    case "begin":
      await beginRun(tx, workflow, {
        variables: decision.variables === "kept" ? workflow.variables : variablesOf(job),
        schemas,
      });
      return;
    case "resume":
      await markState(tx, workflow.id, workflowStates.started);
      await markFailed(tx, workflow.id, false);
      await reopenFailedTasks(tx, workflow.id, workflow.runNumber);
      return journal("info", "Resumed.");
    case "enter":
      await markState(tx, workflow.id, decision.state);
      return decision.state === workflowStates.paused ? journal("info", "Paused.") : undefined;
    case "end":
      return endRun(tx, workflow, "Stopped.");
    case "cutOff":
      return endRun(tx, workflow, "Stopped unconditionally.");
    case "wake": {
      const count = await wakeTasks(tx, workflow.id);
      return journal("info", `${count} waiting tasks executed now.`);
    }
    case "take":
      return job.command === "postEvent" ? takeEvent(tx, workflow, job.event) : undefined;
    case "ignore":
      return journal("warning", `The command '${job.command}' has no effect: ${decision.reason}.`);
    case "later":
      return undefined;
    default:
      return unreachable(decision);
  }
}

function variablesOf(job: WorkflowJob): Variables {
  return job.command === "postEvent" ? {} : job.variables;
}
