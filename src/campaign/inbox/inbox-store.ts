/** Statements on nms_inbox_message and nms_inbox_deferral. */

import type { Statements } from "#foundation/database.ts";

import {
  type InboxMessageSummary,
  type NewInboxMessage,
  type NoticeState,
  noticeStates,
  type OwedNotice,
  type Verdict,
  verdicts,
} from "./inbox-message.ts";

/** Keeps messages. @param noticeDelayMs how long after now a notice that is owed may be sent */
export function insertMessages(
  db: Statements,
  messages: readonly NewInboxMessage[],
  noticeDelayMs: number,
): Promise<number> {
  return db.run`
    insert into nms_inbox_message
           (envelope_from, envelope_to, message_id, subject, from_header, verdict, notice_state, notice_not_before, size, source)
    select m.envelope_from, m.envelope_to, m.message_id, m.subject, m.from_header, m.verdict,
           case when m.owes_notice then 'owed' else 'none' end, now() + ${noticeDelayMs} * interval '1 millisecond', length(m.source), m.source
      from unnest(${messages.map((m) => m.envelopeFrom)}::text[], ${messages.map((m) => m.envelopeTo)}::text[],
                  ${messages.map((m) => m.messageId)}::text[], ${messages.map((m) => m.subject)}::text[],
                  ${messages.map((m) => m.from)}::text[], ${messages.map((m) => m.verdict)}::text[],
                  ${messages.map((m) => m.owesNotice)}::boolean[], ${messages.map((m) => m.source)}::bytea[])
           as m (envelope_from, envelope_to, message_id, subject, from_header, verdict, owes_notice, source)`;
}

/** Remembers messages that are refused once; answers those that were not remembered before, as `address message-id`. */
export function insertDeferrals(
  db: Statements,
  addresses: readonly string[],
  messageIds: readonly string[],
): Promise<string[]> {
  return db.rows((row) => (row as { pair: string }).pair)`
    insert into nms_inbox_deferral (envelope_to, message_id)
    select distinct d.envelope_to, d.message_id
      from unnest(${addresses}::text[], ${messageIds}::text[]) as d (envelope_to, message_id)
     order by 1, 2
        on conflict do nothing
    returning envelope_to || ' ' || message_id as pair`;
}

/** Notices whose time has come, oldest first. @param headBytes how much of each message is read for its header */
export function selectOwedNotices(db: Statements, limit: number, headBytes: number): Promise<OwedNotice[]> {
  return db.rows(parseOwedNotice)`
    select inbox_message_id, received, envelope_from, envelope_to, message_id, subject, verdict, notice_attempts,
           substring(source from 1 for ${headBytes}) as head
      from nms_inbox_message
     where notice_state = 'owed' and notice_not_before <= now()
     order by notice_not_before, inbox_message_id
     limit ${limit}`;
}

/** Records what became of notices. */
export function updateNoticeStates(db: Statements, ids: readonly number[], state: NoticeState): Promise<number> {
  return db.run`update nms_inbox_message set notice_state = ${state} where inbox_message_id = any(${ids}::bigint[]) and notice_state = 'owed'`;
}

/** Puts notices that were refused for now off, for 2, 4, 8 ... up to 300 seconds. */
export function postponeNotices(db: Statements, ids: readonly number[]): Promise<number> {
  return db.run`
    update nms_inbox_message
       set notice_attempts = notice_attempts + 1,
           notice_not_before = now() + least(300, 2 ^ least(notice_attempts + 1, 10)) * interval '1 second'
     where inbox_message_id = any(${ids}::bigint[]) and notice_state = 'owed'`;
}

/** Summaries, newest first. @param search part of an address, of the subject or of the Message-ID, in any case; empty = all */
export function selectMessages(
  db: Statements,
  { limit, before, search }: { limit: number; before: number; search: string },
): Promise<InboxMessageSummary[]> {
  const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  return db.rows(parseSummary)`
    select inbox_message_id, received, envelope_from, envelope_to, message_id, subject, from_header, verdict, notice_state, size
      from nms_inbox_message
     where inbox_message_id < ${before}
       and (${search} = '' or envelope_to ilike ${pattern} or subject ilike ${pattern} or message_id ilike ${pattern} or envelope_from ilike ${pattern})
     order by inbox_message_id desc
     limit ${limit}`;
}

/** One message with its bytes. */
export function selectMessage(
  db: Statements,
  id: number,
): Promise<(InboxMessageSummary & { readonly source: Buffer }) | undefined> {
  return db.first((row) => ({ ...parseSummary(row), source: (row as { source: Buffer }).source }))`
    select inbox_message_id, received, envelope_from, envelope_to, message_id, subject, from_header, verdict, notice_state, size, source
      from nms_inbox_message
     where inbox_message_id = ${id}`;
}

/** Removes up to `limit` of the oldest messages beyond the newest `keep`; those that still owe a notice stay. */
export function deleteOldMessages(db: Statements, keep: number, limit: number): Promise<number> {
  return db.run`
    delete from nms_inbox_message
     where inbox_message_id in (
           select inbox_message_id from nms_inbox_message
            where inbox_message_id <= (select inbox_message_id from nms_inbox_message order by inbox_message_id desc offset ${keep} limit 1)
              and notice_state <> 'owed'
            order by inbox_message_id limit ${limit})`;
}

/** Forgets deferrals older than a week: their sender gave up. */
export function deleteOldDeferrals(db: Statements): Promise<number> {
  return db.run`delete from nms_inbox_deferral where deferred < now() - interval '7 days'`;
}

type MessageRow = {
  inbox_message_id: number;
  received: Date;
  envelope_from: string;
  envelope_to: string;
  message_id: string;
  subject: string;
  from_header: string;
  verdict: string;
  notice_state: string;
  size: number;
};

function parseSummary(row: unknown): InboxMessageSummary {
  const found = row as MessageRow;
  return {
    id: found.inbox_message_id,
    received: found.received,
    envelopeFrom: found.envelope_from,
    envelopeTo: found.envelope_to,
    messageId: found.message_id,
    subject: found.subject,
    from: found.from_header,
    verdict: parseVerdict(found.verdict),
    noticeState: noticeStates.find((state) => state === found.notice_state) ?? "none",
    size: found.size,
  };
}

function parseOwedNotice(row: unknown): OwedNotice {
  const found = row as Omit<MessageRow, "from_header" | "notice_state" | "size"> & {
    notice_attempts: number;
    head: Buffer;
  };
  return {
    id: found.inbox_message_id,
    received: found.received,
    envelopeFrom: found.envelope_from,
    envelopeTo: found.envelope_to,
    messageId: found.message_id,
    subject: found.subject,
    verdict: parseVerdict(found.verdict),
    attempts: found.notice_attempts,
    head: found.head,
  };
}

function parseVerdict(text: string): Verdict {
  return verdicts.find((verdict) => verdict === text) ?? "delivered";
}
