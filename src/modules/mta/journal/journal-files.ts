/** Where journals lie: `var/<instance>/mta/journal/<pid>-<start>-<number>.journal`, some for each child. */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { type Home, instanceFolder } from "#foundation/home.ts";

import { type JournalContent, readRecords } from "./journal-record.ts";

export type JournalFile = {
  readonly path: string;
  readonly pid: number;
  /** Tells two processes of one pid apart; the later one sorts behind. */
  readonly start: string;
  readonly number: number;
};

/** The folder of an instance's journals, made when missing. */
export function journalFolder(home: Home, instance: string): string {
  return instanceFolder(home, instance, "mta", "journal");
}

/** The name of a child's file; its id is `<host>:<pid>:<start>`. */
export function journalFileName(childId: string, number: number): string {
  const [, pid = "0", start = "0"] = childId.split(":").slice(-3);
  return `${pid}-${start.replace(/[^a-z0-9]/gi, "")}-${number}.journal`;
}

/** All journal files, oldest first within each child. */
export function listJournals(folder: string): JournalFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const found = /^(\d+)-([a-z0-9]+)-(\d+)\.journal$/i.exec(name);
      return found === null
        ? []
        : [{ path: join(folder, name), pid: Number(found[1]), start: found[2] ?? "", number: Number(found[3]) }];
    })
    .sort((a, b) => a.pid - b.pid || compare(a.start, b.start) || a.number - b.number);
}

/** The whole records of a file; nothing when it is gone meanwhile. */
export function readJournal(file: JournalFile): JournalContent {
  if (!existsSync(file.path)) return { header: undefined, records: [], hasEnded: false, isWhole: true };
  return readRecords(readFileSync(file.path));
}

/** Removes a file whose outcomes are all in the database. */
export function removeJournal(file: JournalFile): void {
  rmSync(file.path, { force: true });
}

function compare(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}
