/** Statements on jobs, their journals and their rejects. */

import type { Statements } from "#foundation/database.ts";

import type { JobEnd, JobKind, JobLevel } from "./job.ts";

/** An id for a job that is about to begin. */
export async function reserveJobId(db: Statements): Promise<number> {
  const id = await db.first((row) =>
    Number((row as { id: unknown }).id),
  )`select nextval(pg_get_serial_sequence('xtk_job', 'job_id')) as id`;
  return id ?? 0;
}

/** Writes the record of a job that begins. */
export async function insertJob(
  db: Statements,
  job: { id: number; kind: JobKind; label: string; parameters: object; host: string; processId: number },
): Promise<void> {
  await db.run`
    insert into xtk_job (job_id, kind, label, parameters, host, process_id)
    values (${job.id}, ${job.kind}, ${storable(job.label)}, ${storable(job.parameters)}, ${job.host}, ${job.processId})`;
}

/** How far a job is. */
export async function setProgress(db: Statements, jobId: number, done: number, total: number): Promise<void> {
  await db.run`update xtk_job set progress_current = ${done}, progress_max = ${total} where job_id = ${jobId}`;
}

/** Ends a job that is running; answers false when it is not. */
export async function endJob(
  db: Statements,
  end: { id: number; state: JobEnd; result?: object; failureText?: string },
): Promise<boolean> {
  const ended = await db.run`
    update xtk_job
       set state = ${end.state}, result = ${storable(end.result ?? {})}, failure_text = ${storable(end.failureText ?? null)}, finished = now(),
           progress_current = case when ${end.failureText ?? null}::text is null then progress_max else progress_current end
     where job_id = ${end.id} and state = 'running'`;
  return ended === 1;
}

/** Ids of the jobs that say they run; those that a client called live by their lease. */
export function findRunningJobs(db: Statements): Promise<number[]> {
  return db.rows((row) =>
    Number((row as { job_id: unknown }).job_id),
  )`select job_id from xtk_job where state = 'running' and kind <> 'call' order by job_id`;
}

/** Adds a line to a job's journal. */
export async function insertJobLog(
  db: Statements,
  line: { jobId: number; level: JobLevel; message: string },
): Promise<void> {
  await db.run`insert into xtk_job_log (job_id, level, message) values (${line.jobId}, ${line.level}, ${storable(line.message)})`;
}

export type StoredReject = { readonly line: number; readonly reason: string; readonly text: string };

/** Keeps rejected lines. */
export async function insertRejects(db: Statements, jobId: number, rejects: readonly StoredReject[]): Promise<void> {
  await db.run`
    insert into xtk_reject (job_id, line_number, reason, line)
    select ${jobId}, * from unnest(${rejects.map(({ line }) => line)}::bigint[], ${rejects.map(({ reason }) => reason)}::text[],
                                   ${rejects.map(({ text }) => text)}::text[])`;
}

/** Keeps the rejected lines of `staged_line` (see audience/recipient-store.ts); answers how many there are. */
export function keepStagedRejects(tx: Statements, jobId: number): Promise<number> {
  return tx.run`
    insert into xtk_reject (job_id, line_number, reason, line)
    select ${jobId}::bigint, line_number, reject_reason, reject_text from staged_line where reject_reason is not null order by line_number`;
}

/** The server's number for the connection of a transaction. */
export async function readBackendId(tx: Statements): Promise<number> {
  return (await tx.first((row) => (row as { id: number }).id)`select pg_backend_pid() as id`) ?? 0;
}

/** Ends the statement that a connection is at; a connection that is idle goes on. */
export async function cancelBackend(db: Statements, backendId: number): Promise<void> {
  await db.run`select pg_cancel_backend(${backendId}::integer)`;
}

/** PostgreSQL's text and JSON hold no NUL; a path or a heading that we were given may. */
export function storable(value: string | object | null): string | null {
  if (value === null) return null;
  if (typeof value === "string") return value.toWellFormed().replaceAll("\0", "\ufffd");
  return JSON.stringify(value, (_, item: unknown) => (typeof item === "string" ? storable(item) : item));
}
