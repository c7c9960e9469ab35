/** Statements of the bench: a million recipients, and the bare SQL that the interfaces are measured against. */

import type { Database } from "#foundation/database.ts";

/** Recipients as an import leaves them, ids from 1001. */
export async function makeRecipients(db: Database, count: number): Promise<void> {
  await db.run`
    insert into nms_recipient (email, email_key, first_name, last_name, gender, language, city, country_code, birth_date)
    select 'person' || n || '@d' || n % 200 || '.example', 'person' || n || '@d' || n % 200 || '.example',
           'First' || n % 1000, chr(65 + n % 26) || 'name' || n % 5000, n % 3, case n % 4 when 0 then 'fr' else 'en' end,
           'City ' || n % 300, case n % 3 when 0 then 'FR' when 1 then 'NL' else 'SE' end, date '1950-01-01' + n % 20000
      from generate_series(1, ${count}::int) n`;
  await db.run`vacuum analyze nms_recipient`;
}

/** 200 rows by the primary key, as a person would write it. */
export function readPage(db: Database, from: number): Promise<unknown[]> {
  return db.rows((row) => row)`
    select recipient_id, email, first_name, last_name, gender, language, city, country_code, birth_date, created
      from nms_recipient where recipient_id >= ${from} order by recipient_id limit 200`;
}

/** A count with two conditions, as a person would write it. */
export async function countFrenchWomen(db: Database): Promise<number> {
  return (
    (await db.first((row) => (row as { count: number }).count)`
      select count(*) as count from nms_recipient where gender = 2 and language = 'fr'`) ?? 0
  );
}

/** How many recipients there are whose origin is this. */
export async function countByOrigin(db: Database, origin: string): Promise<number> {
  return (
    (await db.first((row) => (row as { count: number }).count)`
      select count(*) as count from nms_recipient where origin = ${origin}`) ?? 0
  );
}
