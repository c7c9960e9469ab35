/** What an import is asked for, how it tells its progress, and what it answers. */

import type { Encoding } from "#protocols/csv/decode-text.ts";
import type { Separator } from "#protocols/csv/csv-record.ts";

import type { RejectReason } from "./reject-reasons.ts";

export type ImportRequest = {
  readonly file: string;
  /** Name of a group to add the recipients to; made when there is none. */
  readonly group?: string | undefined;
  /** Where the rejected lines go; undefined: below the instance's folder, when there are any. */
  readonly rejects?: string | undefined;
  readonly encoding?: Encoding | undefined;
  /** Undefined: found out from the first lines. */
  readonly separator?: Separator | undefined;
};

export type Progress = {
  readonly phase: "reading" | "reconciling" | "done";
  /** Lines read so far, without the heading. */
  readonly rows: number;
  /** Bytes of the file for an import, rows for an export. */
  readonly done: number;
  readonly total: number;
};

/** How the caller follows and ends a transfer. */
export type Watch = {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
};

export type ImportReport = {
  readonly jobId: number;
  /** Lines below the heading that are not blank: accepted and rejected. */
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Lines whose address stands further down again; the last one counts. */
  readonly doubles: number;
  readonly rejected: number;
  readonly rejects: readonly { readonly reason: RejectReason; readonly count: number }[];
  readonly rejectFile: string | undefined;
  readonly blankLines: number;
  /** Headings that name no field. */
  readonly ignoredColumns: readonly string[];
  /** Cells that were not understood and left out, by field. */
  readonly leftOut: readonly { readonly field: string; readonly count: number; readonly firstLine: number }[];
  readonly group: { readonly name: string; readonly added: number } | undefined;
  readonly durationMs: number;
};
