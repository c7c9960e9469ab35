/** Puts an end to every wait for the database, so that a request is answered although it hangs. */

import type { Database } from "#foundation/database.ts";
import { databaseUnreachable } from "#foundation/database-errors.ts";

/**
 * The same database, whose statements fail when no answer comes in time. The statement itself goes on until the
 * limit that its connection was opened with, and frees the connection then at the latest.
 */
export function boundDatabase(db: Database, limitMs: number): Database {
  const within = <T>(work: Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(databaseUnreachable({ where: db.where, reason: `no answer within ${limitMs} ms` })),
        limitMs,
      );
    });
    // The loser of the race may still fail, much later.
    work.catch(() => undefined);
    return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
  };
  return {
    ...db,
    rows:
      (parse) =>
      (strings, ...values) =>
        within(db.rows(parse)(strings, ...values)),
    first:
      (parse) =>
      (strings, ...values) =>
        within(db.first(parse)(strings, ...values)),
    run: (strings, ...values) => within(db.run(strings, ...values)),
    transaction: (work) => within(db.transaction(work)),
    reading: (statementLimitMs, work) => within(db.reading(statementLimitMs, work)),
  };
}
