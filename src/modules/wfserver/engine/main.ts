/** runwf: runs the ready tasks of one workflow, and ends when there are none. */

import { isDatabaseAway } from "#foundation/database-errors.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";

import { missingWorkflow } from "../errors.ts";
import { holdRun, type RunHold } from "./hold-run.ts";
import { runWorkflow } from "./run-workflow.ts";

/** An orderly stop lets the task that is being executed end, for this long; then it is undone and runs again later. */
const graceMs = 15_000;

export const runwf: InstanceModule = {
  name: "runwf",
  scope: "instance",
  start: async (context: Context): Promise<Running> => {
    const workflowId = Number(context.flags["workflow"]);
    if (!Number.isSafeInteger(workflowId) || workflowId <= 0) throw missingWorkflow();
    const hold = await holdRun(context, workflowId);
    if (hold === undefined) {
      context.log.debug("wfserver.nothing_to_run", { workflowId });
      context.requestStop(0);
      return { stop: () => Promise.resolve() };
    }
    const ending = new AbortController();
    const run = untilDone(context, hold, ending.signal).then((code) => context.requestStop(code));
    return {
      stop: async () => {
        ending.abort();
        const grace = setTimeout(() => hold.interrupt(), graceMs);
        await run;
        clearTimeout(grace);
      },
    };
  },
};

/** Answers the exit code. A database that is away is no fault of the workflow: a server starts another runner later. */
async function untilDone(context: Context, hold: RunHold, ending: AbortSignal): Promise<number> {
  try {
    await runWorkflow(context, hold, ending);
    return 0;
  } catch (error) {
    const fields = { workflowId: hold.workflowId, reason: describeError(error) };
    if (isDatabaseAway(error)) context.log.warning("wfserver.runner_without_database", fields);
    else
      context.log.error("wfserver.runner_failed", {
        ...fields,
        stack: error instanceof Error ? error.stack : undefined,
      });
    return 1;
  } finally {
    await hold
      .release()
      .catch((error: unknown) => context.log.debug("wfserver.not_released", { reason: describeError(error) }));
  }
}
