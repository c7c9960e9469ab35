/** Statements of inMail: its table nms_inbound_mail, and the messages that mails are about. */

import type { Statements } from "#foundation/database.ts";

export type InboundMailRow = {
  readonly mailKey: string;
  readonly kind: string;
  readonly deliveryId: number;
  readonly broadLogId: number;
  readonly failureType: number;
  readonly failureReason: number;
  readonly diagnostic: string;
};

/** Writes mails down; answers the keys of those that were not there, the only ones whose effects count. */
export function insertInboundMails(tx: Statements, mails: readonly InboundMailRow[], at: Date): Promise<string[]> {
  return tx.rows((row) => (row as { mail_key: string }).mail_key)`
    insert into nms_inbound_mail (mail_key, kind, delivery_id, broad_log_id, failure_type, failure_reason, diagnostic, received)
    select m.mail_key, m.kind, m.delivery_id, m.broad_log_id, m.failure_type, m.failure_reason, m.diagnostic, ${at}
      from unnest(${mails.map((mail) => mail.mailKey)}::text[], ${mails.map((mail) => mail.kind)}::text[],
                  ${mails.map((mail) => mail.deliveryId)}::bigint[], ${mails.map((mail) => mail.broadLogId)}::bigint[],
                  ${mails.map((mail) => mail.failureType)}::smallint[], ${mails.map((mail) => mail.failureReason)}::smallint[],
                  ${mails.map((mail) => mail.diagnostic)}::text[])
           as m (mail_key, kind, delivery_id, broad_log_id, failure_type, failure_reason, diagnostic)
     order by m.mail_key
        on conflict (mail_key) do nothing
    returning mail_key`;
}

export type MessageOwner = { readonly broadLogId: number; readonly recipientId: number; readonly address: string };

/**
 * Whose messages they are; those that the ledger no longer holds are left out.
 * The delivery is compared in a way that no index serves: without statistics the planner would read all of its messages.
 */
export function selectOwners(
  tx: Statements,
  messages: readonly { deliveryId: number; broadLogId: number }[],
): Promise<MessageOwner[]> {
  return tx.rows((row) => {
    const found = row as { broad_log_id: number; recipient_id: number; address: string };
    return { broadLogId: found.broad_log_id, recipientId: found.recipient_id, address: found.address };
  })`
    select b.broad_log_id, b.recipient_id, b.address
      from unnest(${messages.map((message) => message.deliveryId)}::bigint[], ${messages.map((message) => message.broadLogId)}::bigint[])
           as m (delivery_id, broad_log_id)
      join nms_delivery d on d.delivery_id = m.delivery_id
      join nms_broad_log b on b.log_date = d.log_date and b.broad_log_id = m.broad_log_id
     where (b.delivery_id = m.delivery_id) is true`;
}

/** Forgets mails read before a moment, at most `limit` at a time. */
export function deleteInboundMails(db: Statements, before: Date, limit: number): Promise<number> {
  return db.run`
    delete from nms_inbound_mail
     where inbound_mail_id in (select inbound_mail_id from nms_inbound_mail where received < ${before} order by inbound_mail_id limit ${limit})`;
}
