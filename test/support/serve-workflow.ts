/** Runs workflows within the test's own process, as wfserver and runwf do in theirs. */

import type { Context } from "#foundation/module.ts";
import { holdRun } from "#modules/wfserver/engine/hold-run.ts";
import { runWorkflow } from "#modules/wfserver/engine/run-workflow.ts";
import { applyCommands } from "#modules/wfserver/server/apply-commands.ts";

/** Applies what was ordered, then runs the workflow until it has nothing to do now. */
export async function serve(context: Context, workflowId: number): Promise<void> {
  await applyCommands(context, () => undefined);
  const hold = await holdRun(context, workflowId);
  if (hold === undefined) return;
  try {
    await runWorkflow(context, hold, new AbortController().signal);
  } finally {
    await hold.release();
  }
}
