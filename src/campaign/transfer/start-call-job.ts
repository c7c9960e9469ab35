/** Runs work in the background, under a record that clients can ask about, and that says what became of it also when its process is killed. */

import { isDatabaseAway } from "#foundation/database-errors.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";

import {
  closeDeadCallJobs,
  endCallJob,
  insertCallJob,
  type NewCallJob,
  noteCallJob,
  renewCallJob,
} from "./call-job-store.ts";
import { jobCancelled, tooManyJobs } from "./errors.ts";
import type { JobLevel } from "./job.ts";
import { setProgress } from "./job-store.ts";

export type CallJob = {
  readonly id: number;
  /** Aborted when a client cancels the job, or when it is no longer this process's. */
  readonly signal: AbortSignal;
  /** Writes a line into the job's journal. */
  note(level: JobLevel, message: string): Promise<void>;
  progress(done: number, total: number): Promise<void>;
};

export type CallContext = Pick<Context, "db" | "log" | "host" | "processId">;

const renewalMs = 1_000;
/** Of one process: each may hold a connection. */
const mostAtOnce = 20;

/**
 * Begins a job.
 * @param order what it is called and what it works on
 * @returns its id at once, and a promise that resolves when it has ended, however it ended
 * @throws tooManyJobs
 */
export async function startCallJob(
  context: CallContext,
  order: Pick<NewCallJob, "label" | "parameters" | "objectSchema" | "objectId" | "createdBy">,
  work: (job: CallJob) => Promise<object>,
): Promise<{ readonly id: number; readonly ended: Promise<void> }> {
  await closeInterruptedCalls(context);
  const owner = context.processId;
  const id = await insertCallJob(
    context.db,
    { ...order, host: context.host, processId: process.pid, owner },
    mostAtOnce,
  );
  if (id === undefined) throw tooManyJobs({ most: mostAtOnce });
  return { id, ended: runToEnd(context, id, work) };
}

/** Shows jobs as interrupted whose process died without a word. */
export async function closeInterruptedCalls({ db, log }: Pick<CallContext, "db" | "log">): Promise<void> {
  const closed = await closeDeadCallJobs(
    db,
    "The process ended in the middle of the work. Look at what it has done, then submit the job again.",
  );
  if (closed > 0) log.warning("job.interrupted", { jobs: closed });
}

async function runToEnd(context: CallContext, id: number, work: (job: CallJob) => Promise<object>): Promise<void> {
  const ending = new AbortController();
  const renewal = setInterval(() => void renew(context, id, ending), renewalMs);
  const job: CallJob = {
    id,
    signal: ending.signal,
    note: (level, message) => noteCallJob(context.db, { jobId: id, level, message }),
    progress: (done, total) => setProgress(context.db, id, done, total),
  };
  try {
    const result = await work(job);
    await endCallJob(context.db, { id, owner: context.processId, state: "finished", result, failureText: undefined });
  } catch (error) {
    await recordFailure(context, job, error);
  } finally {
    clearInterval(renewal);
  }
}

async function renew({ db, processId, log }: CallContext, id: number, ending: AbortController): Promise<void> {
  try {
    const state = await renewCallJob(db, id, processId);
    if (state !== "running") ending.abort(jobCancelled());
  } catch (error) {
    // The lease runs out meanwhile, and the next renewal finds the job closed.
    log.debug("job.lease_not_renewed", { jobId: id, reason: describeError(error) });
  }
}

/** With the database away the record stays as it is; when its lease is over it is closed. */
async function recordFailure({ db, log, processId }: CallContext, job: CallJob, error: unknown): Promise<void> {
  const isCancelled = job.signal.aborted;
  const failureText = tell(error);
  if (!isPostriderError(error))
    log.error("job.failed", {
      jobId: job.id,
      reason: describeError(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  try {
    await job.note(isCancelled ? "warning" : "error", isCancelled ? "Cancelled." : failureText);
    const state = isCancelled ? "canceled" : "failed";
    await endCallJob(db, { id: job.id, owner: processId, state, result: {}, failureText });
  } catch (recordError) {
    log.warning("job.record_failed", { jobId: job.id, reason: describeError(recordError) });
  }
}

/** Our own errors, the innermost first, with the codes that clients look for; what a defect says stands in the log alone. */
function tell(error: unknown): string {
  if (isDatabaseAway(error)) return "The database did not answer.";
  if (!isPostriderError(error)) return "Something went wrong here; the log of web tells more.";
  const below = isPostriderError(error.cause) ? `${tell(error.cause)}\n` : "";
  return `${below}${error.code} ${error.message}`;
}
