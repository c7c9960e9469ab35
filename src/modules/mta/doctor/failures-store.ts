/** Statements on what failed lately: deliveries as a whole, and messages by the counters of deliveries. */

import type { Statements } from "#foundation/database.ts";
import { deliveryStates, failureTypes } from "#schemas/codes.ts";

export type FailedDelivery = {
  readonly deliveryId: number;
  readonly label: string;
  readonly at: Date;
  readonly reason: string;
};

/** Sums of the counters of deliveries. */
export type ErrorShare = { readonly processed: number; readonly errors: number };
export type FrequentAnswer = { readonly text: string; readonly messages: number };

/** Deliveries that failed since a moment, the latest first. */
export function listFailedDeliveries(db: Statements, since: Date, limit: number): Promise<FailedDelivery[]> {
  return db.rows((row) => row as FailedDelivery)`
    select delivery_id as "deliveryId", coalesce(nullif(label, ''), internal_name) as label, last_modified as at,
           coalesce(failure_text, '') as reason
      from nms_delivery
     where not is_model and last_modified > ${since}
       and state in (${deliveryStates.preparationFailed}, ${deliveryStates.failed})
     order by last_modified desc limit ${limit}`;
}

/** Errors of deliveries that were started between two moments. */
export async function readErrorShare(db: Statements, from: Date, to: Date): Promise<ErrorShare> {
  const found = await db.first((row) => row as ErrorShare)`
    select coalesce(sum(processed), 0)::bigint as processed, coalesce(sum(error), 0)::bigint as errors
      from nms_delivery
     where not is_model and last_modified > ${from} and started > ${from} and started <= ${to}`;
  return found ?? { processed: 0, errors: 0 };
}

/** Answers that meant an error and were given since a moment, those given most often first. */
export function listFrequentAnswers(db: Statements, since: Date, limit: number): Promise<FrequentAnswer[]> {
  return db.rows((row) => row as FrequentAnswer)`
    select left(text, 160) as text, occurrences as messages from nms_broad_log_msg
     where last_modified > ${since} and occurrences > 0 and failure_type in (${failureTypes.soft}, ${failureTypes.hard})
     order by occurrences desc limit ${limit}`;
}
