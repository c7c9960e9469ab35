/** A delivery that was sent, and what became of its messages: statements for tests of what comes back. */

import type { Database } from "#foundation/database.ts";
import type { MessageIdentity } from "#protocols/message-identity/message-identity.ts";

export type SentMessage = MessageIdentity & { readonly recipientId: number; readonly address: string };

/** Makes a delivery with one sent message for each address. */
export async function aSentDelivery(db: Database, addresses: readonly string[]): Promise<SentMessage[]> {
  const deliveryId = await db.first((row) => (row as { delivery_id: number }).delivery_id)`
    insert into nms_delivery (internal_name, state, log_date, total_target, to_deliver, processed, success)
    values ('sent-' || gen_random_uuid(), 95, current_date, ${addresses.length}, ${addresses.length}, ${addresses.length}, ${addresses.length})
    returning delivery_id`;
  const messages: SentMessage[] = [];
  for (const address of addresses) {
    const recipientId = await db.first((row) => (row as { recipient_id: number }).recipient_id)`
      insert into nms_recipient (email) values (${address}) returning recipient_id`;
    const broadLogId = await db.first((row) => (row as { value: number }).value)`
      update xtk_counter set value = value + 1 where name = 'nms_broad_log' returning value`;
    if (deliveryId === undefined || recipientId === undefined || broadLogId === undefined)
      throw new Error("the delivery could not be made");
    await db.run`
      insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id, address, status)
      values (${broadLogId}, current_date, ${deliveryId}, ${recipientId}, ${address}, 1)`;
    messages.push({ deliveryId, broadLogId, recipientId, address });
  }
  return messages;
}

export type LedgerLine = {
  readonly status: number;
  readonly failureType: number;
  readonly failureReason: number;
  /** `nms_address/@status`, or undefined when the address has no row. */
  readonly addressStatus: number | undefined;
  readonly errorCount: number;
  readonly isOptedOut: boolean;
};

/** What the ledger, the quarantine and the profile say of a message. */
export function readLedger(db: Database, { broadLogId }: { broadLogId: number }): Promise<LedgerLine | undefined> {
  return db.first((row) => {
    const found = row as {
      status: number;
      failure_type: number;
      failure_reason: number;
      address_status: number | null;
      error_count: number;
      black_list_email: boolean;
    };
    return {
      status: found.status,
      failureType: found.failure_type,
      failureReason: found.failure_reason,
      addressStatus: found.address_status ?? undefined,
      errorCount: found.error_count,
      isOptedOut: found.black_list_email,
    };
  })`
    select b.status, b.failure_type, b.failure_reason, a.status as address_status, coalesce(a.error_count, 0) as error_count, r.black_list_email
      from nms_broad_log b join nms_recipient r using (recipient_id) left join nms_address a on a.address = b.address
     where b.broad_log_id = ${broadLogId}`;
}

/** Counters of a delivery. */
export function readCounters(
  db: Database,
  deliveryId: number,
): Promise<{ success: number; error: number; bouncedLater: number } | undefined> {
  return db.first((row) => {
    const found = row as { success: number; error: number; bounced_later: number };
    return { success: found.success, error: found.error, bouncedLater: found.bounced_later };
  })`select success, error, bounced_later from nms_delivery where delivery_id = ${deliveryId}`;
}

/** Kinds of the mails that inMail has read, in the order of reading. */
export function readMailKinds(db: Database): Promise<string[]> {
  return db.rows((row) => (row as { kind: string }).kind)`select kind from nms_inbound_mail order by inbound_mail_id`;
}

/** How many rows the quarantine has. */
export async function countAddresses(db: Database): Promise<number> {
  return (
    (await db.first((row) => (row as { count: number }).count)`select count(*)::int as count from nms_address`) ?? 0
  );
}
