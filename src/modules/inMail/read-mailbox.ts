/** Reads a bounce mailbox by POP3: a mail is deleted there after its effect is committed here. */

import type { Log } from "#foundation/log.ts";
import { type Mailbox, type MailboxAddress, type MailboxEntry, openMailbox } from "#protocols/pop3/open-mailbox.ts";
import { Pop3Error } from "#protocols/pop3/pop3-error.ts";

export type MailboxReading = {
  readonly address: MailboxAddress;
  /** Mails of one session. */
  readonly maxMails: number;
  /** Mails that are fetched before their effects are written together. */
  readonly mailsTogether: number;
  readonly maxMailBytes: number;
  /** Takes one mail; throws when its effect could not be committed. */
  readonly take: (raw: Buffer) => Promise<void>;
  readonly log: Log;
  /** How often each mail ended a session, by its lasting name; kept by the caller between sessions. */
  readonly troubles: Map<string, number>;
};

export type MailboxResult = {
  readonly read: number;
  readonly deleted: number;
  /** More mails wait than one session reads. */
  readonly isMoreWaiting: boolean;
};

/** A mail that broke off this many sessions is passed over, so that it does not block those behind it. */
const mostTroubles = 3;

/**
 * One session. What was committed before a fault stays committed, and is known again when it is read again.
 * @throws Pop3Error, or the error of the taker
 */
export async function readMailbox(reading: MailboxReading): Promise<MailboxResult> {
  const mailbox = await openMailbox(reading.address);
  let read = 0;
  let deleted = 0;
  try {
    const waiting = await mailbox.list(reading.maxMails + reading.troubles.size + 1);
    const wanted = waiting.filter((entry) => !isTrouble(reading, entry)).slice(0, reading.maxMails);
    for (let at = 0; at < wanted.length; at += reading.mailsTogether) {
      const taken = await takeTogether(mailbox, wanted.slice(at, at + reading.mailsTogether), reading);
      read += taken.length;
      deleted += await deleteTaken(mailbox, taken, reading.log);
    }
    await mailbox.quit();
    return { read, deleted, isMoreWaiting: waiting.length > wanted.length && read > 0 };
  } catch (error) {
    // The server removes what was marked only after QUIT; a database that is away must not undo what was committed before.
    if (!(error instanceof Pop3Error)) await mailbox.quit().catch(() => undefined);
    mailbox.abandon();
    throw error;
  }
}

function isTrouble({ troubles }: MailboxReading, { uid }: MailboxEntry): boolean {
  return uid !== undefined && (troubles.get(uid) ?? 0) >= mostTroubles;
}

async function takeTogether(
  mailbox: Mailbox,
  entries: readonly MailboxEntry[],
  reading: MailboxReading,
): Promise<MailboxEntry[]> {
  const fetched: { entry: MailboxEntry; content: Buffer }[] = [];
  for (const entry of entries) {
    const content = await fetch(mailbox, entry, reading);
    if (content !== undefined) fetched.push({ entry, content });
  }
  const results = await Promise.allSettled(fetched.map(({ content }) => reading.take(content)));
  const failed = results.find((result) => result.status === "rejected");
  const taken = fetched.filter((_, index) => results[index]?.status === "fulfilled").map(({ entry }) => entry);
  if (failed !== undefined && taken.length === 0) throw failed.reason;
  return taken;
}

/** A mail's bytes, or undefined when the server will not give it out. */
async function fetch(
  mailbox: Mailbox,
  entry: MailboxEntry,
  { maxMailBytes, log, troubles }: MailboxReading,
): Promise<Buffer | undefined> {
  try {
    return (await mailbox.retrieve(entry.number, maxMailBytes)).content;
  } catch (error) {
    if (entry.uid !== undefined) troubles.set(entry.uid, (troubles.get(entry.uid) ?? 0) + 1);
    if (!(error instanceof Pop3Error) || error.failure !== "refused") throw error;
    log.warning("inMail.mail_not_given", { reason: error.message });
    return undefined;
  }
}

async function deleteTaken(mailbox: Mailbox, taken: readonly MailboxEntry[], log: Log): Promise<number> {
  let deleted = 0;
  for (const { number } of taken) {
    try {
      await mailbox.delete(number);
      deleted += 1;
    } catch (error) {
      if (!(error instanceof Pop3Error) || error.failure !== "refused") throw error;
      log.warning("inMail.mail_not_deleted", { reason: error.message });
    }
  }
  return deleted;
}
