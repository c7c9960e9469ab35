/** Lists to import, and a look at what became of them. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Database } from "#foundation/database.ts";

import type { Ending } from "./endings.ts";
import { aFolder } from "./temporary-folder.ts";

/** A file with this content, in a folder of its own. */
export function aList(t: Ending, content: string | Buffer, name = "list.csv"): string {
  const file = join(aFolder(t), name);
  writeFileSync(file, content);
  return file;
}

/** A list of many people: `person<n>@example.com`. */
export function aLongList(t: Ending, rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, index) => `person${index}@example.com,First${index},Last${index},Paris,FR,1980-01-02\n`,
  );
  return aList(t, `email,first name,last name,city,country,birth date\n${lines.join("")}`);
}

/** The text of a file without its byte order mark, cut into lines. */
export function linesOf(file: string): string[] {
  return readFileSync(file, "utf8")
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .filter((line) => line !== "");
}

/** All recipients by address: the fields that lists fill, without those that are empty. */
export function recipientsOf(db: Database): Promise<Record<string, unknown>[]> {
  return db.rows((row) => {
    const entries = Object.entries(row as Record<string, unknown>);
    return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== false && value !== 0));
  })`
    select email, email_key, first_name, last_name, language, city, country_code, birth_date, company, phone, gender, email_format, black_list, black_list_email, text1
      from nms_recipient order by email_key`;
}

/** How many recipients there are. */
export async function countRecipients(db: Database): Promise<number> {
  return (await db.first(parseCount)`select count(*)::int as n from nms_recipient`) ?? 0;
}

/** The addresses of a group, sorted. */
export function membersOf(db: Database, group: string): Promise<string[]> {
  return db.rows((row) => (row as { email: string }).email)`
    select r.email from nms_group g join nms_rcp_grp_rel using (group_id) join nms_recipient r using (recipient_id) where g.name = ${group} order by 1`;
}

export type SeenJob = {
  readonly job_id: number;
  readonly kind: string;
  readonly state: string;
  readonly failure_text: string | null;
  readonly notes: string;
};

/** The jobs, oldest first, with the lines of their journals in one text. */
export function jobsOf(db: Database): Promise<SeenJob[]> {
  return db.rows((row) => row as SeenJob)`
    select job_id, kind, state, failure_text,
           coalesce((select string_agg(level || ': ' || message, E'\n' order by job_log_id) from xtk_job_log where xtk_job_log.job_id = xtk_job.job_id), '') as notes
      from xtk_job order by job_id`;
}

/** The stored rejects of a job: line number, reason, text. */
export function rejectsOf(db: Database, jobId: number): Promise<(readonly [number, string, string])[]> {
  return db.rows((row) => {
    const { line_number: line, reason, line: text } = row as { line_number: number; reason: string; line: string };
    return [line, reason, text] as const;
  })`select line_number, reason, line from xtk_reject where job_id = ${jobId} order by line_number`;
}

/** How many connections to this database programs of this name have. */
export async function connectionsOf(db: Database, applicationName: string): Promise<number> {
  return (
    (await db.first(
      parseCount,
    )`select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = ${applicationName}`) ??
    0
  );
}

/** How many connections wait for a lock that someone else holds. */
export async function waitingForLocks(db: Database): Promise<number> {
  return (
    (await db.first(
      parseCount,
    )`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) ??
    0
  );
}

function parseCount(row: unknown): number {
  return (row as { n: number }).n;
}
