/** Exports recipients as a list that an import reads back. The file appears when it is complete, or not at all. */

import { findGroup } from "#campaign/audience/group-store.ts";
import { recipientFields } from "#campaign/audience/recipient-fields.ts";
import type { Context } from "#foundation/module.ts";
import type { Separator } from "#protocols/csv/csv-record.ts";
import { writeCsvRow } from "#protocols/csv/write-csv-row.ts";

import { type DraftFile, openDraft } from "./draft-file.ts";
import { unknownGroup } from "./errors.ts";
import { countRecipients, readRecipients } from "./export-store.ts";
import { parseGroupName } from "./group-name.ts";
import type { Watch } from "./import-report.ts";
import type { Job } from "./job.ts";
import { runJob } from "./run-job.ts";
import { exportSettings } from "./settings.ts";

/** Where the text goes when it is no file; resolves when more may be written. */
export type TextOutput = { write(text: string): Promise<void> };

export type ExportRequest = {
  readonly out: string | TextOutput;
  /** Name of the group whose recipients are exported; undefined = all recipients. */
  readonly group?: string | undefined;
  readonly separator?: Separator | undefined;
};

export type ExportReport = {
  readonly jobId: number;
  readonly rows: number;
  readonly bytes: number;
  /** Undefined when the text went somewhere else. */
  readonly file: string | undefined;
  readonly durationMs: number;
};

export type ExportContext = Pick<Context, "db" | "log" | "host" | "clock" | "settings">;

/** A row is about 1 KB in memory on its way. */
const batchRows = 2_000;

/**
 * Writes all recipients, or those of a group.
 * @throws unknownGroup, targetNotWritable, transferInterrupted
 */
export async function exportRecipients(
  context: ExportContext,
  request: ExportRequest,
  watch: Watch,
): Promise<ExportReport> {
  const { out, separator } = request;
  const group = request.group === undefined ? undefined : parseGroupName(request.group);
  const label = typeof out === "string" ? out : "-";
  return runJob(
    context,
    { kind: "export", label, parameters: { out: label, group, separator }, signal: watch.signal },
    async (job) => {
      const startMs = context.clock.elapsedMs();
      const groupId = group === undefined ? undefined : await findGroup(context.db, group);
      if (group !== undefined && groupId === undefined) throw unknownGroup({ name: group });
      const output = await openOutput(out);
      try {
        const written = await writeRecipients(context, job, { output, groupId, separator: separator ?? ",", watch });
        await output.keep();
        const report: ExportReport = {
          jobId: job.id,
          ...written,
          file: output.path,
          durationMs: Math.round(context.clock.elapsedMs() - startMs),
        };
        await job.finish(context.db, {
          state: "finished",
          result: report,
          message: `${report.rows} recipients exported.`,
        });
        return report;
      } finally {
        await output.discard();
      }
    },
  );
}

type Output = Pick<DraftFile, "write" | "keep" | "discard"> & { readonly path: string | undefined };

async function openOutput(out: string | TextOutput): Promise<Output> {
  if (typeof out !== "string")
    return {
      path: undefined,
      write: (text) => out.write(text),
      keep: () => Promise.resolve(),
      discard: () => Promise.resolve(),
    };
  const draft = await openDraft(out);
  // The mark tells spreadsheets that the text is UTF-8; what goes to another program has none.
  await draft.write("\ufeff");
  return draft;
}

async function writeRecipients(
  { db, settings }: ExportContext,
  job: Job,
  {
    output,
    groupId,
    separator,
    watch,
  }: { output: Output; groupId: number | undefined; separator: Separator; watch: Watch },
): Promise<{ rows: number; bytes: number }> {
  const form = { separator, isDefused: settings.of(exportSettings).defuseFormulas };
  const total = await countRecipients(db, groupId);
  let rows = 0;
  let bytes = 0;
  const write = async (text: string): Promise<void> => {
    await output.write(text);
    bytes += Buffer.byteLength(text);
  };
  const heading = recipientFields.map(({ name }) => name);
  await write(writeCsvRow(heading, form));
  for await (const batch of readRecipients(db, groupId, batchRows)) {
    job.signal.throwIfAborted();
    await write(batch.map((cells) => writeCsvRow(cells, form)).join(""));
    rows += batch.length;
    watch.onProgress?.({ phase: "reading", rows, done: rows, total: Math.max(rows, total) });
    await job.progress(rows, Math.max(rows, total));
  }
  return { rows, bytes };
}
