/** Statements on the jobs that clients called: while one runs its process renews its lease, and who finds the lease over knows that the process is dead. */

import type { Statements } from "#foundation/database.ts";

import type { JobLevel, JobState } from "./job.ts";
import { storable } from "./job-store.ts";

/** A process that has not renewed for so long is dead. */
const leaseSec = 30;

export type NewCallJob = {
  readonly label: string;
  readonly parameters: object;
  readonly objectSchema: string;
  readonly objectId: number;
  readonly createdBy: number;
  readonly host: string;
  readonly processId: number;
  readonly owner: string;
};

/** Begins a job, unless its process has as many as it may; answers its id. */
export function insertCallJob(db: Statements, job: NewCallJob, most: number): Promise<number | undefined> {
  return db.first((row) => (row as { job_id: number }).job_id)`
    insert into xtk_job (kind, label, parameters, object_schema, object_id, created_by, host, process_id, owner_process, lease_until)
    select 'call', ${storable(job.label)}, ${storable(job.parameters)}::jsonb, ${job.objectSchema}, ${job.objectId}, ${job.createdBy},
           ${job.host}, ${job.processId}, ${job.owner}, now() + make_interval(secs => ${leaseSec})
     where (select count(*) from xtk_job
             where kind = 'call' and state in ('running', 'canceling') and owner_process = ${job.owner} and lease_until > now()) < ${most}
    returning job_id`;
}

/** Renews the lease; answers the state, undefined when the job is no longer this process's. */
export function renewCallJob(db: Statements, jobId: number, owner: string): Promise<JobState | undefined> {
  return db.first((row) => (row as { state: JobState }).state)`
    update xtk_job set lease_until = now() + make_interval(secs => ${leaseSec})
     where job_id = ${jobId} and owner_process = ${owner} and state in ('running', 'canceling')
    returning state`;
}

/** Ends a job of this process; answers false when somebody else ended it. */
export async function endCallJob(
  db: Statements,
  end: {
    readonly id: number;
    readonly owner: string;
    readonly state: "finished" | "failed" | "canceled";
    readonly result: object;
    readonly failureText: string | undefined;
  },
): Promise<boolean> {
  const ended = await db.run`
    update xtk_job
       set state = ${end.state}, result = ${storable(end.result)}::jsonb, failure_text = ${storable(end.failureText ?? null)}, finished = now(), lease_until = null,
           progress_max = case when ${end.state}::text = 'finished' then greatest(progress_max, 1) else progress_max end,
           progress_current = case when ${end.state}::text = 'finished' then greatest(progress_max, 1) else progress_current end
     where job_id = ${end.id} and owner_process = ${end.owner} and state in ('running', 'canceling')`;
  return ended === 1;
}

/** Ends the jobs whose process is dead, and says so in their journals; answers how many there were. */
export async function closeDeadCallJobs(db: Statements, failureText: string): Promise<number> {
  return db.run`
    with dead as (
      update xtk_job set state = 'interrupted', failure_text = ${failureText}, finished = now(), lease_until = null, has_warning = true
       where kind = 'call' and state in ('running', 'canceling') and lease_until < now()
      returning job_id
    )
    insert into xtk_job_log (job_id, level, message) select job_id, 'error', ${failureText} from dead`;
}

/** Adds a line to a job's journal; warnings and errors mark the job. */
export async function noteCallJob(
  db: Statements,
  line: { readonly jobId: number; readonly level: JobLevel; readonly message: string },
): Promise<void> {
  await db.run`
    with marked as (
      update xtk_job set has_warning = true where job_id = ${line.jobId} and ${line.level}::text <> 'info' and not has_warning
    )
    insert into xtk_job_log (job_id, level, message) values (${line.jobId}, ${line.level}, ${storable(line.message)})`;
}

/** Asks for a job to be cancelled; answers the state that it is in now. */
export function cancelCallJob(db: Statements, jobId: number): Promise<JobState | undefined> {
  return db.first((row) => (row as { state: JobState }).state)`
    update xtk_job set state = case when state = 'running' and kind = 'call' then 'canceling' else state end
     where job_id = ${jobId} returning state`;
}

export type JobRecord = {
  readonly id: number;
  readonly kind: string;
  readonly label: string;
  readonly state: JobState;
  readonly result: unknown;
  readonly progressCurrent: number;
  readonly progressMax: number;
  readonly failureText: string | undefined;
  readonly hasWarning: boolean;
  readonly host: string;
  readonly processId: number;
  readonly createdBy: number;
};

/** A job. */
export function readJob(db: Statements, jobId: number): Promise<JobRecord | undefined> {
  return db.first(parseJob)`select * from xtk_job where job_id = ${jobId}`;
}

/**
 * The jobs that are being worked at.
 * @param createdBy whose; undefined = everybody's
 */
export function listLiveJobs(db: Statements, createdBy: number | undefined, limit: number): Promise<JobRecord[]> {
  return db.rows(parseJob)`
    select * from xtk_job
     where state in ('running', 'pausing', 'paused', 'canceling') and (${createdBy ?? null}::bigint is null or created_by = ${createdBy ?? null})
     order by job_id limit ${limit}`;
}

export type JobLine = {
  readonly id: number;
  readonly level: JobLevel;
  readonly logged: Date;
  readonly message: string;
};

/** Lines of a job's journal after one, in their order. */
export function listJobLines(db: Statements, jobId: number, afterId: number, limit: number): Promise<JobLine[]> {
  return db.rows((row) => {
    const { job_log_id: id, level, logged, message } = row as JobLine & { job_log_id: number };
    return { id, level, logged, message };
  })`
    select job_log_id, level, logged, message from xtk_job_log
     where job_id = ${jobId} and object_schema = '' and job_log_id > ${afterId}
     order by job_log_id limit ${limit}`;
}

function parseJob(raw: unknown): JobRecord {
  const row = raw as {
    job_id: number;
    kind: string;
    label: string;
    state: JobState;
    result: unknown;
    progress_current: number;
    progress_max: number;
    failure_text: string | null;
    has_warning: boolean;
    host: string | null;
    process_id: number | null;
    created_by: number;
  };
  return {
    id: row.job_id,
    kind: row.kind,
    label: row.label,
    state: row.state,
    result: row.result,
    progressCurrent: row.progress_current,
    progressMax: row.progress_max,
    failureText: row.failure_text ?? undefined,
    hasWarning: row.has_warning,
    host: row.host ?? "",
    processId: row.process_id ?? 0,
    createdBy: row.created_by,
  };
}
