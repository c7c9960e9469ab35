/** Statements on the count of failed logons, which all processes of all hosts share. */

import type { Statements } from "#foundation/database.ts";

export type GuardLimits = { readonly freeFailures: number; readonly maxDelaySec: number };

/**
 * Counts an attempt before it is checked, so that attempts made side by side cannot outrun the count; the attempt that
 * succeeds takes itself back. An attempt during a wait is not counted.
 * @returns false while the subject must wait
 */
export async function countAttempt(db: Statements, subject: string, limits: GuardLimits): Promise<boolean> {
  const counted = await db.run`
    insert into xtk_logon_guard as g (subject, failures, last_attempt, locked_until)
    values (${subject}, 1, clock_timestamp(), '-infinity')
    on conflict (subject) do update
       set failures = case when g.last_attempt < clock_timestamp() - interval '1 day' then 1 else g.failures + 1 end,
           last_attempt = clock_timestamp(),
           locked_until = case
             when g.last_attempt < clock_timestamp() - interval '1 day' or g.failures + 1 < ${limits.freeFailures}::int then '-infinity'
             else clock_timestamp() + make_interval(secs => least(${limits.maxDelaySec}::int, power(2, least(g.failures + 1 - ${limits.freeFailures}::int, 20))))
           end
     where g.locked_until <= clock_timestamp()`;
  return counted > 0;
}

/** How long a subject must still wait, in whole seconds. */
export async function readWaitSec(db: Statements, subject: string): Promise<number> {
  const seconds = await db.first((row) => (row as { seconds: number }).seconds)`
    select greatest(1, ceil(extract(epoch from locked_until - clock_timestamp())))::float8 as seconds
      from xtk_logon_guard where subject = ${subject} and locked_until > '-infinity'`;
  return seconds ?? 1;
}

/** Forgets the failures of a subject. */
export function forgetFailures(db: Statements, subject: string): Promise<number> {
  return db.run`delete from xtk_logon_guard where subject = ${subject}`;
}

/** Takes one attempt back, and the wait that it caused. */
export function takeAttemptBack(db: Statements, subject: string): Promise<number> {
  return db.run`
    update xtk_logon_guard set failures = greatest(0, failures - 1), locked_until = '-infinity' where subject = ${subject}`;
}

/** Forgets subjects that have been quiet for a day. */
export function deleteQuietSubjects(db: Statements): Promise<number> {
  return db.run`delete from xtk_logon_guard where last_attempt < now() - interval '1 day' and locked_until < now()`;
}
