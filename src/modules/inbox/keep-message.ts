/** Takes a mail into the built-in mailbox: on disk in the database before it is answered. */

import { createHash } from "node:crypto";

import { decodeWords } from "postal-mime";

import type { NewInboxMessage, Verdict } from "#campaign/inbox/inbox-message.ts";
import { insertDeferrals, insertMessages } from "#campaign/inbox/inbox-store.ts";
import type { Statements } from "#foundation/database.ts";
import { readFields } from "#protocols/bounce/read-mail.ts";
import type { IncomingMail, SmtpAnswer } from "#protocols/smtp-intake/listen-for-mail.ts";

import { partFor } from "./play-provider.ts";

const longestHeader = 128 * 1024;
const kept: SmtpAnswer = { code: 250, text: "2.0.0 Kept" };
const deferred: SmtpAnswer = { code: 451, text: "4.7.1 Greylisted, try again later" };

/**
 * Keeps mails with a few statements for all of them.
 * @returns the answer to each, in order: kept, or deferred when it comes to the test domain for deferrals for the first time
 */
export async function keepMessages(
  db: Statements,
  mails: readonly IncomingMail[],
  noticeDelayMs: number,
): Promise<SmtpAnswer[]> {
  const described = mails.map((mail) => ({ mail, ...describe(mail) }));
  const firstTimers = await rememberDeferrals(db, described);
  const isDeferred = ({ mail, messageId }: Described): boolean =>
    mail.recipients.some((address) => firstTimers.has(`${address} ${messageId}`));
  const rows = described.filter((item) => !isDeferred(item)).flatMap(toRows);
  if (rows.length > 0) await insertMessages(db, rows, noticeDelayMs);
  return described.map((item) => (isDeferred(item) ? deferred : kept));
}

type Described = {
  readonly mail: IncomingMail;
  readonly messageId: string;
  readonly subject: string;
  readonly from: string;
};

function describe({ content }: IncomingMail): Omit<Described, "mail"> {
  const head = content.toString("utf8", 0, longestHeader);
  const blank = /\r?\n\r?\n/.exec(head)?.index ?? head.length;
  const fields = readFields(head.slice(0, blank));
  const first = (name: string): string => storable(fields.get(name)?.[0] ?? "");
  return {
    messageId:
      first("message-id") || `<${createHash("sha256").update(content).digest("hex").slice(0, 32)}@no-message-id>`,
    subject: storable(decodeWords(first("subject"))),
    from: storable(decodeWords(first("from"))),
  };
}

/** Text as PostgreSQL takes it. */
function storable(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, " ")
    .toWellFormed()
    .slice(0, 998);
}

async function rememberDeferrals(db: Statements, items: readonly Described[]): Promise<ReadonlySet<string>> {
  const pairs = items.flatMap(({ mail, messageId }) =>
    mail.recipients.filter((address) => partFor(address).kind === "defer").map((address) => ({ address, messageId })),
  );
  if (pairs.length === 0) return new Set();
  return new Set(
    await insertDeferrals(
      db,
      pairs.map(({ address }) => address),
      pairs.map(({ messageId }) => messageId),
    ),
  );
}

function toRows({ mail, messageId, subject, from }: Described): NewInboxMessage[] {
  return mail.recipients.map((recipient) => {
    const part = partFor(recipient);
    const verdict: Verdict = part.kind === "keep" ? part.verdict : "delivered";
    // RFC 3464 section 2: a notice is never sent about a mail that has no sender.
    const owesNotice = verdict !== "delivered" && mail.from !== "";
    return {
      envelopeFrom: mail.from,
      envelopeTo: recipient,
      messageId,
      subject,
      from,
      verdict,
      owesNotice,
      source: mail.content,
    };
  });
}
