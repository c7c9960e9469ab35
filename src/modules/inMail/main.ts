/** inMail: takes what mail servers send back about our messages, by SMTP and from a POP3 mailbox. */

import { inMailAddress, instanceSettings } from "#foundation/common-settings.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";
import { findPortOwner, isPortTaken } from "#foundation/port-owner.ts";
import { repeat } from "#foundation/repeat.ts";
import { listenForMail, type MailListener } from "#protocols/smtp-intake/listen-for-mail.ts";

import { cannotListen, portTaken } from "./errors.ts";
import { deleteInboundMails } from "./inbound-mail-store.ts";
import { pollMailbox } from "./poll-mailbox.ts";
import { inMailSettings } from "./settings.ts";
import { createMailTaker, type MailTaker } from "./take-mail.ts";

const megabyte = 1024 * 1024;
const dayMs = 86_400_000;

export const inMail: InstanceModule = {
  name: "inMail",
  scope: "instance",
  start: async (context): Promise<Running & { port: number }> => {
    const { log } = context;
    const taker = createMailTaker(context);
    const listener = await listen(context, taker);
    const mailbox = pollMailbox(context, taker);
    const totals = repeat({ log, event: "inMail.totals", intervalMs: 60_000 }, () =>
      Promise.resolve(taker.logTotals()),
    );
    const purge = repeat({ log, event: "inMail.purge", intervalMs: 3_600_000 }, () => purgeMails(context));
    log.info("inMail.listening", { port: listener.port, readsMailbox: mailbox !== undefined });
    return {
      port: listener.port,
      stop: async () => {
        await Promise.all([listener.stop(), mailbox?.stop(), purge.stop(), totals.stop()]);
        await taker.idle();
        taker.logTotals();
      },
    };
  },
};

async function listen({ log, settings }: Context, taker: MailTaker): Promise<MailListener> {
  const { address, port } = settings.of(inMailAddress);
  const { maxConnections, maxMessageSizeMb } = settings.of(inMailSettings);
  try {
    return await listenForMail({
      address,
      port,
      name: settings.of(instanceSettings).bounceDomain,
      maxConnections,
      maxMessageBytes: maxMessageSizeMb * megabyte,
      maxRecipients: 20,
      idleTimeoutMs: 60_000,
      // Whoever it is for: only a signature makes a mail count, and refusing addresses would tell which are signed.
      onRecipient: () => undefined,
      onMail: async ({ content, recipients }) => {
        await taker.take(content, recipients);
        return { code: 250, text: "2.0.0 Read" };
      },
      onError: (error) => log.debug("inMail.mail_not_taken", { reason: describeError(error) }),
    });
  } catch (cause) {
    const where = `${address}:${port}`;
    if (isPortTaken(cause)) throw portTaken({ where, owner: findPortOwner("tcp", port) }, { cause });
    throw cannotListen({ where, reason: describeError(cause) }, { cause });
  }
}

async function purgeMails({ clock, db, log, settings }: Context): Promise<"again" | void> {
  const before = new Date(clock.now().getTime() - settings.of(inMailSettings).keepDays * dayMs);
  const removed = await deleteInboundMails(db, before, 5_000);
  if (removed > 0) log.info("inMail.purged", { mails: removed });
  return removed === 5_000 ? "again" : undefined;
}
