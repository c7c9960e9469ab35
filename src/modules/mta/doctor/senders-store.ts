/** Which domains deliveries are sent from. */

import type { Statements } from "#foundation/database.ts";

/** Domains of senders of deliveries that were started since a moment, or are to start, those used most first. */
export function listSenderDomains(
  db: Statements,
  { since, usual, limit }: { since: Date; usual: string; limit: number },
): Promise<string[]> {
  return db.rows((row) => (row as { domain: string }).domain)`
    select lower(substring(sender from '@([A-Za-z0-9.-]+)$')) as domain
      from (select coalesce(nullif(from_address, ''), ${usual}) as sender
              from nms_delivery
             where not is_model and last_modified > ${since} and state >= 11
             order by last_modified desc limit 5000) d
     where sender ~ '@[A-Za-z0-9.-]+$'
     group by 1 order by count(*) desc, 1 limit ${limit}`;
}
