/** One look of the server at the database: commands, dead runners, work that is due. */

import { listWaitingJobs } from "#campaign/workflow/workflow-job-store.ts";
import { listRunnable, listUnsettled } from "#campaign/workflow/workflow-store.ts";
import type { Context } from "#foundation/module.ts";

import { dropIdleTables } from "../engine/drop-idle-tables.ts";
import { freeDeadOwners } from "./free-dead-owners.ts";
import type { Runners } from "./runners.ts";

/** Applies commands, takes over what dead runners left, and starts runners up to the limit. */
export async function serveWorkflows(context: Context, runners: Runners, limit: number): Promise<void> {
  await freeDeadOwners(context);
  // The engine is loaded with the first thing there is for it: an idle server stays small.
  if ((await listWaitingJobs(context.db, 1)).length > 0) {
    const { applyCommands } = await import("./apply-commands.ts");
    await applyCommands(context, (workflowId) => runners.cutOff(workflowId));
  }
  for (const workflowId of await listUnsettled(context.db)) {
    const { settleRun } = await import("../engine/settle-run.ts");
    await settleRun(context, workflowId);
  }
  // Workflows whose runner has just died may stand at the head of the list for a while: look past them.
  for (const workflowId of await listRunnable(context.db, limit * 2)) {
    if (runners.count >= limit) break;
    runners.run(workflowId);
  }
  await dropIdleTables(context.db, context.log);
}
