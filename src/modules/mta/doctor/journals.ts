/** Journals of children that are gone, and messages of which nobody knows whether they arrived. */

import { statSync } from "node:fs";
import { join } from "node:path";

import { readLoggedField, readLogTail } from "#channels/logs/read-log-tail.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";

import { type JournalFile, listJournals } from "../journal/journal-files.ts";
import { isRunningChild } from "../server/retire-children.ts";
import { mtaSettings } from "../settings.ts";

/** The server brings in what a dead child left within some seconds. */
const slowMs = 60_000;
const oneDayMs = 86_400_000;
/** Some megabytes are usual: what is recorded is taken out soon. */
const largeBytes = 268_435_456;

/** Looks at the files of this host, and at the last day of the log. */
export async function checkJournals(visit: InstanceVisit): Promise<Examination> {
  // Not by journalFolder, which makes it: to look must change nothing.
  const folder = join(visit.home.var, visit.instance, "mta", "journal");
  const journals = listJournals(folder);
  const left = journals.filter((journal) => !isRunningChild(journal.pid)).flatMap((journal) => agedOf(journal));
  const old = left.filter(({ at }) => visit.now().getTime() - at.getTime() > slowMs);
  const findings: Finding[] = [
    ...judgeLeft(old, folder, visit.instance),
    ...judgeSize(
      journals.flatMap((journal) => agedOf(journal)),
      folder,
      visit.instance,
    ),
    ...(await judgeDoubt(visit)),
  ];
  return { findings, seen: { text: "seen.journals", values: { files: journals.length, folder } } };
}

type Aged = { readonly at: Date; readonly bytes: number };

/** Nothing for one that is gone meanwhile. */
function agedOf({ path }: JournalFile): Aged[] {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? [] : [{ at: found.mtime, bytes: found.size }];
}

function judgeLeft(old: readonly Aged[], folder: string, instance: string): Finding[] {
  if (old.length === 0) return [];
  const bytes = old.reduce((sum, each) => sum + each.bytes, 0);
  const since = new Date(Math.min(...old.map(({ at }) => at.getTime())));
  const values = { files: old.length, size: { bytes }, since, folder, instance };
  return [{ severity: "error", problem: "journals.left", values }];
}

/** Children that run keep in their journals what the database has not taken. */
function judgeSize(all: readonly Aged[], folder: string, instance: string): Finding[] {
  const bytes = all.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes < largeBytes) return [];
  return [
    {
      severity: "warning",
      problem: "journals.large",
      values: { files: all.length, size: { bytes }, folder, instance },
    },
  ];
}

async function judgeDoubt({ home, instance, settings, now }: InstanceVisit): Promise<Finding[]> {
  const lines = (await readLogTail(home, instance, "mta")).filter(
    ({ event, time }) => event === "mta.messages_in_doubt" && now().getTime() - time.getTime() < oneDayMs,
  );
  const messages = lines.reduce((sum, line) => sum + Number(readLoggedField(line, "messages") ?? 0), 0);
  const last = lines.at(-1);
  if (last === undefined || messages === 0) return [];
  const { retryLostMessages } = settings.of(mtaSettings);
  const values = { messages, at: last.time };
  return retryLostMessages
    ? [{ severity: "note", problem: "journals.sentAgain", values }]
    : [{ severity: "warning", problem: "journals.inDoubt", values }];
}
