/** Runs a job under a record that says what became of it, also when its process is killed. */

import type { Database } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";

import { jobConnectionLost, transferInterrupted } from "./errors.ts";
import type { Job, JobKind } from "./job.ts";
import { mayStartAgain } from "./may-start-again.ts";
import { endJob, findRunningJobs, insertJob, insertJobLog, reserveJobId, setProgress } from "./job-store.ts";

export type JobContext = Pick<Context, "db" | "log" | "host" | "clock">;

type JobOrder = {
  readonly kind: JobKind;
  readonly label: string;
  readonly parameters: object;
  readonly signal: AbortSignal;
};

const progressIntervalMs = 1_000;

/**
 * Runs work as a job. While it runs its process holds the job's lock, so that whoever finds the lock free knows that the
 * process is dead.
 * @throws transferInterrupted when the signal ended it; else what the work throws, after it was written down
 */
export async function runJob<T>(context: JobContext, order: JobOrder, work: (job: Job) => Promise<T>): Promise<T> {
  await closeInterruptedJobs(context);
  const id = await reserveJobId(context.db);
  const ran = await context.db.whileLocked(lockName(id), async (lost) => {
    await insertJob(context.db, { id, ...order, host: context.host, processId: process.pid });
    const signal = AbortSignal.any([order.signal, lost]);
    try {
      return { value: await work(openJob(context, id, signal)) };
    } catch (cause) {
      const error = explain(cause, { kind: order.kind, isStopped: order.signal.aborted, isLost: lost.aborted });
      await recordFailure(context, id, error);
      throw error;
    }
  });
  // Nobody else can know the id that was just handed out.
  if (ran === undefined) throw transferInterrupted({ what: order.kind });
  return ran.value;
}

/** What an aborted signal left behind says little: a statement that was cancelled, a batch that was not begun. */
function explain(
  cause: unknown,
  { kind, isStopped, isLost }: { kind: JobKind; isStopped: boolean; isLost: boolean },
): unknown {
  if (isStopped) return transferInterrupted({ what: kind });
  return isLost ? jobConnectionLost(undefined, { cause }) : cause;
}

/** Shows jobs as interrupted whose process died without a word. */
async function closeInterruptedJobs(context: JobContext): Promise<void> {
  for (const id of await findRunningJobs(context.db)) {
    const isClosed = await context.db.whileLocked(lockName(id), () => recordInterruption(context.db, id));
    if (isClosed === true) context.log.warning("job.interrupted", { jobId: id });
  }
}

function recordInterruption(db: Database, id: number): Promise<boolean> {
  const failureText = "The process ended in the middle of the work. Nothing is half done: start the job again.";
  return db.transaction(async (tx) => {
    const isEnded = await endJob(tx, { id, state: "interrupted", failureText });
    if (isEnded) await insertJobLog(tx, { jobId: id, level: "error", message: failureText });
    return isEnded;
  });
}

function lockName(jobId: number): string {
  return `xtk_job:${jobId}`;
}

function openJob({ db, clock }: JobContext, id: number, signal: AbortSignal): Job {
  let lastProgressMs = clock.elapsedMs();
  return {
    id,
    signal,
    note: (level, message) => insertJobLog(db, { jobId: id, level, message }),
    progress: async (done, total) => {
      if (clock.elapsedMs() - lastProgressMs < progressIntervalMs) return;
      lastProgressMs = clock.elapsedMs();
      await setProgress(db, id, done, total);
    },
    finish: async (tx, { state, result, message }) => {
      if (!(await endJob(tx, { id, state, result }))) throw transferInterrupted({ what: "job" });
      await insertJobLog(tx, { jobId: id, level: "info", message });
    },
  };
}

/** With the database away the record stays as it is; the next job finds its lock free and closes it. */
async function recordFailure(context: JobContext, id: number, error: unknown): Promise<void> {
  const failureText = describeError(error);
  const state = mayStartAgain(error) ? "interrupted" : "failed";
  try {
    await endJob(context.db, { id, state, failureText });
    await insertJobLog(context.db, { jobId: id, level: "error", message: failureText });
  } catch (recordError) {
    context.log.warning("job.record_failed", { jobId: id, reason: describeError(recordError) });
  }
}
