/** The ledger rows of a part that are still to be sent, with what their messages read of the recipients. */

import type { CompiledDelivery, MessageRecipient } from "#campaign/content/compiled-message.ts";
import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { broadLogStatuses } from "#schemas/codes.ts";

/**
 * The messages of a range of ids that wait to be sent, in the order of their ids. A recipient deleted since the preparation has empty
 * fields.
 */
export function readPendingMessages(
  db: Statements,
  delivery: Pick<CompiledDelivery, "deliveryId" | "logDate" | "columns">,
  range: { readonly firstBroadLogId: number; readonly lastBroadLogId: number },
): Promise<MessageRecipient[]> {
  // "is true" keeps the planner, which knows nothing yet of a ledger that was just written, from reading the whole delivery by its index.
  const fields = delivery.columns.map((column) => sql`${sql.ref(`r.${column}`)}::text`);
  return db.rows(parseRecipient)`
    select b.broad_log_id, b.recipient_id, b.address, coalesce(r.email_format, 0) as email_format,
           array[${sql.join(fields)}]::text[] as fields
      from nms_broad_log b
      left join nms_recipient r on r.recipient_id = b.recipient_id
     where b.log_date = ${delivery.logDate}::date
       and b.broad_log_id between ${range.firstBroadLogId} and ${range.lastBroadLogId}
       and (b.delivery_id = ${delivery.deliveryId}) is true and b.status = ${broadLogStatuses.pending}
     order by b.broad_log_id`;
}

const parseRecipient = (row: unknown): MessageRecipient => {
  const r = row as {
    broad_log_id: number;
    recipient_id: number;
    address: string;
    email_format: number;
    fields: (string | null)[];
  };
  return {
    broadLogId: r.broad_log_id,
    recipientId: r.recipient_id,
    address: r.address,
    emailFormat: r.email_format,
    fields: r.fields,
  };
};
