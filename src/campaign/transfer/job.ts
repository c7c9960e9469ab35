/** A piece of work that runs to completion and leaves a record: an import or an export. */

import type { Statements } from "#foundation/database.ts";

/** `call`: a method that a client had called in the background. */
export type JobKind = "import" | "export" | "call";

/** `xtk_job.state`. */
export type JobState =
  | "edited"
  | "running"
  | "pausing"
  | "paused"
  | "canceling"
  | "canceled"
  | "finished"
  | "finished_with_rejects"
  | "failed"
  | "interrupted";

/** How a job that a process works at may end. */
export type JobEnd = Extract<JobState, "finished" | "finished_with_rejects" | "failed" | "interrupted">;

export type JobLevel = "info" | "warning" | "error";

/** What the work of a job is handed. */
export type Job = {
  readonly id: number;
  /** Aborted when the work shall end: the operator stopped it, or the database was lost. */
  readonly signal: AbortSignal;
  /** Writes a line into the job's journal. */
  note(level: JobLevel, message: string): Promise<void>;
  /** Tells how far the work is; written at most once a second. */
  progress(done: number, total: number): Promise<void>;
  /** Closes the record, in the transaction that makes the work's effect visible. */
  finish(
    db: Statements,
    end: { readonly state: "finished" | "finished_with_rejects"; readonly result: object; readonly message: string },
  ): Promise<void>;
};
