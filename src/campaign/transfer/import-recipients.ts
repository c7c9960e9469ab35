/**
 * Imports a list of recipients. All of it happens in one transaction: an import that is killed anywhere has changed nothing,
 * and may be started again.
 */

import { stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { addToGroup } from "#campaign/audience/add-to-group.ts";
import { reconcileRecipients } from "#campaign/audience/reconcile-recipients.ts";
import type { Statements } from "#foundation/database.ts";
import { instanceFolder } from "#foundation/home.ts";
import type { Context } from "#foundation/module.ts";

import { cancelOnAbort } from "./cancel-on-abort.ts";
import { listHasNoRows, rejectFileIsList, tooManyRejects } from "./errors.ts";
import { parseGroupName } from "./group-name.ts";
import type { ImportReport, ImportRequest, Watch } from "./import-report.ts";
import type { Job } from "./job.ts";
import { insertRejects, keepStagedRejects } from "./job-store.ts";
import { type ListFile, openList } from "./open-list.ts";
import { openRecords, type Records } from "./open-records.ts";
import { openRejectFile, type RejectFile } from "./reject-file.ts";
import { rejectReasons } from "./reject-reasons.ts";
import { runJob } from "./run-job.ts";
import { importSettings } from "./settings.ts";
import { type Reject, stageList, storedReject, type Tally } from "./stage-list.ts";

export type ImportContext = Pick<Context, "db" | "log" | "host" | "clock" | "home" | "instance" | "settings">;

/**
 * Imports a file: lines with an address become recipients, others are rejected and kept.
 * @throws errors of the file, the group name and the reject file; transferInterrupted when the signal ended it
 */
export async function importRecipients(
  context: ImportContext,
  request: ImportRequest,
  watch: Watch,
): Promise<ImportReport> {
  const group = request.group === undefined ? undefined : parseGroupName(request.group);
  const order = { kind: "import", label: basename(request.file), parameters: request, signal: watch.signal } as const;
  return runJob(context, order, async (job) => {
    const list = await openList(request.file);
    let rejectFile: RejectFile | undefined;
    try {
      const { maxRecordLength } = context.settings.of(importSettings);
      const records = await openRecords(list, {
        encoding: request.encoding ?? "utf-8",
        separator: request.separator,
        maxRecordLength,
      });
      rejectFile = await beginRejectFile(context, request, { job, list, records });
      return await importRecords(context, { job, list, records, rejectFile, group, watch });
    } finally {
      await rejectFile?.discard();
      await list.close();
    }
  });
}

type Work = {
  readonly job: Job;
  readonly list: ListFile;
  readonly records: Records;
  readonly rejectFile: RejectFile;
  readonly group: string | undefined;
  readonly watch: Watch;
};

async function importRecords(context: ImportContext, work: Work): Promise<ImportReport> {
  const { job, list, records, rejectFile, watch } = work;
  const startMs = context.clock.elapsedMs();
  await noteIgnoredColumns(job, records);
  return context.db.transaction((tx) =>
    cancelOnAbort({ db: context.db, tx, signal: job.signal }, async () => {
      const tally = await stage(context, tx, work);
      await list.checkUnchanged();
      if (tally.lines === 0) throw listHasNoRows({ file: list.path });

      const tell = (phase: "reconciling" | "done"): void =>
        watch.onProgress?.({ phase, rows: tally.lines, done: list.size, total: list.size });
      tell("reconciling");
      const report = await reconcile(context, tx, { ...work, tally, startMs });
      await noteLeftOut(job, tally);
      // Before the commit: a kill between the two leaves a file that the next run writes again, not rejects without a file.
      await rejectFile.keep();
      await job.finish(tx, {
        state: report.rejected > 0 ? "finished_with_rejects" : "finished",
        result: report,
        message: summarise(report),
      });
      tell("done");
      return report;
    }),
  );
}

/** Brings the staged lines into the audience and the group, and keeps the rejects. */
async function reconcile(
  context: ImportContext,
  tx: Statements,
  { job, records, rejectFile, tally, startMs, ...work }: Work & { tally: Tally; startMs: number },
): Promise<ImportReport> {
  const fields = records.plan.columns.map(({ field }) => field);
  const changes = await reconcileRecipients(tx, { fields, acceptedLines: tally.accepted, signal: job.signal });
  const group = work.group === undefined ? undefined : { name: work.group, added: await addToGroup(tx, work.group) };
  return {
    jobId: job.id,
    read: tally.lines,
    inserted: changes.inserted,
    updated: changes.updated,
    unchanged: changes.unchanged,
    doubles: tally.accepted - changes.people,
    rejected: await keepStagedRejects(tx, job.id),
    rejects: [...tally.rejects].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
    rejectFile: rejectFile.path(),
    blankLines: tally.blank,
    ignoredColumns: records.plan.ignored,
    leftOut: [...tally.leftOut].map(([field, counted]) => ({ field, ...counted })),
    group,
    durationMs: Math.round(context.clock.elapsedMs() - startMs),
  };
}

/** Copies the lines into the staging table, and stops early when a list begins with nothing but rejects. */
async function stage(
  context: ImportContext,
  tx: Statements,
  { job, list, records, rejectFile, watch }: Work,
): Promise<Tally> {
  const { dateOrder, stopAfterFirstRejects } = context.settings.of(importSettings);
  const firstRejects: Reject[] = [];
  const stopIfHopeless = async (tally: Tally, rejects: readonly Reject[]): Promise<void> => {
    firstRejects.push(...rejects.slice(0, stopAfterFirstRejects - firstRejects.length));
    if (stopAfterFirstRejects === 0 || tally.leadingRejects < stopAfterFirstRejects) return;
    await rejectFile.keep();
    await insertRejects(context.db, job.id, firstRejects.map(storedReject));
    const reason = rejectReasons[firstRejects[0]?.reason ?? "address_missing"];
    throw tooManyRejects({
      file: list.path,
      count: stopAfterFirstRejects,
      reason,
      rejectFile: rejectFile.path() ?? "",
    });
  };
  return stageList(tx, records, {
    dateOrder,
    signal: job.signal,
    onBatch: async (tally, rejects) => {
      await rejectFile.write(rejects);
      await stopIfHopeless(tally, rejects);
      watch.onProgress?.({ phase: "reading", rows: tally.lines, done: list.bytesRead(), total: list.size });
      await job.progress(list.bytesRead(), list.size);
    },
  });
}

async function beginRejectFile(
  context: ImportContext,
  request: ImportRequest,
  { job, list, records }: { job: Job; list: ListFile; records: Records },
): Promise<RejectFile> {
  const { rejects } = request;
  if (rejects !== undefined) await refuseListAsRejectFile(rejects, list);
  return openRejectFile({
    path: () => rejects ?? join(instanceFolder(context.home, context.instance, "import"), `rejects-${job.id}.csv`),
    isAskedFor: rejects !== undefined,
    headings: records.headings,
    separator: records.separator,
  });
}

async function refuseListAsRejectFile(file: string, list: ListFile): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there !== undefined && there.ino === list.inode && there.dev === list.device) throw rejectFileIsList({ file });
}

async function noteIgnoredColumns(job: Job, { plan }: Records): Promise<void> {
  if (plan.ignored.length === 0) return;
  await job.note(
    "warning",
    `Columns that are not imported, since their heading names no field or one that an earlier column fills: ${shorten(plan.ignored.join(", "))}.`,
  );
}

async function noteLeftOut(job: Job, tally: Tally): Promise<void> {
  for (const [field, { count, firstLine }] of tally.leftOut) {
    await job.note(
      "warning",
      `${count} cells of ${field} were not understood and left out, the first one on line ${firstLine}.`,
    );
  }
}

function summarise(report: ImportReport): string {
  const { read, inserted, updated, unchanged, doubles, rejected } = report;
  return `${read} lines read: ${inserted} recipients inserted, ${updated} updated, ${unchanged} unchanged, ${doubles} doubles, ${rejected} rejected.`;
}

function shorten(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}
