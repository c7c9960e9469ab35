/** Statements of tests on services and subscriptions. */

import type { Statements } from "#foundation/database.ts";

/** Makes an information service. */
export function insertService(db: Statements, name: string, validityDays: number): Promise<number> {
  return db.run`insert into nms_service (name, label, validity_days) values (${name}, ${name}, ${validityDays})`;
}

export type ListedSubscription = {
  readonly email: string;
  readonly first_name: string;
  readonly service: string;
  readonly expires_in_days: number | null;
};

/** Who is subscribed to what. */
export function listSubscriptions(db: Statements): Promise<ListedSubscription[]> {
  return db.rows((row) => row as ListedSubscription)`
    select r.email, r.first_name, s.name as service,
           round(extract(epoch from n.expiration_date - now()) / 86400)::integer as expires_in_days
      from nms_subscription n join nms_service s using (service_id) join nms_recipient r using (recipient_id)
     order by s.name`;
}

/** `service:action`, oldest first. */
export function listHistory(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { line: string }).line)`
    select s.name || ':' || h.action as line from nms_sub_histo h join nms_service s using (service_id) order by h.date, s.name`;
}

/** Whether a recipient wants nothing more; undefined when there is none. */
export function readOptOut(db: Statements, email: string): Promise<boolean | undefined> {
  return db.first((row) => (row as { black_list: boolean }).black_list)`
    select black_list from nms_recipient where email = ${email}`;
}

/** Lets nobody but administrators write anywhere. */
export function forbidWriting(db: Statements): Promise<number> {
  return db.run`update xtk_folder_right set can_write = false`;
}
