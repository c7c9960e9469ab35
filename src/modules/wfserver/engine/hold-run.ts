/** A runner's hold on its workflow: the lease, and the ways in which it is told to let go. */

import { notifyWorkflow } from "#campaign/workflow/workflow-job-store.ts";
import {
  claimWorkflow,
  type Owner,
  readWorkflow,
  releaseWorkflow,
  renewLease,
} from "#campaign/workflow/workflow-store.ts";
import { workflowChannel } from "#campaign/workflow/workflow.ts";
import type { Statements } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { workflowStates } from "#schemas/codes.ts";

import { runLost } from "../errors.ts";
import { cancelStatements, endConnections } from "./work-table-store.ts";

export type RunHold = {
  readonly workflowId: number;
  readonly runNumber: number;
  /** Aborted when what is being done must be broken off: a stop, a restart, a lost lease, the end of the process. */
  readonly interrupted: AbortSignal;
  /** Resolves at the next notice about the workflow. */
  nextNotice(): AbortSignal;
  /**
   * Makes sure, in the transaction that records something, that the workflow is still this process's; it stays so until
   * the transaction ends.
   * @throws runLost
   */
  confirm(tx: Statements): Promise<void>;
  /** Breaks off what is being done. */
  interrupt(): void;
  release(): Promise<void>;
};

const leaseMs = 30_000;
const renewalMs = 5_000;
/** A statement that is cancelled may be followed by another of the same task: it is cancelled again. */
const cancelAgainMs = 500;

/**
 * Takes a workflow, if nobody else has it and it is started.
 * @returns undefined when there is nothing to hold
 */
export async function holdRun(
  context: Pick<Context, "db" | "host" | "processId" | "log">,
  workflowId: number,
): Promise<RunHold | undefined> {
  const { db, log } = context;
  const owner: Owner = { host: context.host, processId: context.processId, leaseMs };
  if (!(await claimWorkflow(db, workflowId, owner))) return undefined;
  const workflow = await readWorkflow(db, workflowId);
  if (workflow === undefined) return undefined;
  const { runNumber } = workflow;
  // What a former runner still has under way on the server belongs to nobody now.
  await endConnections(db, workflowId);

  const interruption = new AbortController();
  let notice = new AbortController();
  let cancelling: NodeJS.Timeout | undefined;
  let isReleased = false;

  const cancel = (): void => {
    cancelStatements(db, workflowId).catch((error: unknown) =>
      log.debug("wfserver.cancel_failed", { reason: describeError(error) }),
    );
  };
  const interrupt = (): void => {
    if (interruption.signal.aborted || isReleased) return;
    interruption.abort();
    notice.abort();
    cancel();
    cancelling = setInterval(cancel, cancelAgainMs);
  };
  const look = async (): Promise<void> => {
    try {
      const state = await renewLease(db, workflowId, runNumber, owner);
      const goesOn = state === workflowStates.started || state === workflowStates.pausing;
      if (goesOn) notice.abort();
      else interrupt();
    } catch (error) {
      // The lease may run out meanwhile; then `confirm` says so.
      log.debug("wfserver.lease_not_renewed", { workflowId, reason: describeError(error) });
    }
  };
  const renewal = setInterval(() => void look(), renewalMs);
  const listener = await db.listen(workflowChannel, (payload) => {
    if (payload === "" || payload === String(workflowId)) void look();
  });

  return {
    workflowId,
    runNumber,
    interrupted: interruption.signal,
    nextNotice: () => {
      notice = new AbortController();
      return notice.signal;
    },
    confirm: async (tx) => {
      const state = await renewLease(tx, workflowId, runNumber, owner);
      if (state === undefined) throw runLost({ workflowId });
    },
    interrupt,
    release: async () => {
      isReleased = true;
      clearInterval(renewal);
      clearInterval(cancelling);
      await listener.stop();
      await releaseWorkflow(db, workflowId, owner.processId);
      await notifyWorkflow(db, workflowId);
    },
  };
}
