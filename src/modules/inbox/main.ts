/** inbox: the built-in mailbox of an instance that is not live. It keeps every mail, plays a provider, and forwards nothing. */

import { inboxAddress, inMailAddress, instanceSettings } from "#foundation/common-settings.ts";
import { describeError } from "#foundation/errors.ts";
import { groupWrites } from "#foundation/group-writes.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";
import { findPortOwner, isPortTaken } from "#foundation/port-owner.ts";
import { repeat } from "#foundation/repeat.ts";
import {
  type IncomingMail,
  listenForMail,
  type MailListener,
  type SmtpAnswer,
} from "#protocols/smtp-intake/listen-for-mail.ts";

import { cannotListen, portTaken } from "./errors.ts";
import { keepMessages } from "./keep-message.ts";
import { partFor } from "./play-provider.ts";
import { purgeMessages } from "./purge-messages.ts";
import { createNoticeSender } from "./send-notices.ts";
import { inboxSettings } from "./settings.ts";

/** Notices that inMail does not take within this time are sent by the next run. */
const noticesEndMs = 3_000;
const megabyte = 1024 * 1024;

export const inbox: InstanceModule = {
  name: "inbox",
  scope: "instance",
  start: async (context): Promise<Running & { port: number }> => {
    const { log, settings } = context;
    const { keepMessages: keep } = settings.of(inboxSettings);
    const listener = await listen(context);
    const sender = createNoticeSender(context, settings.of(inMailAddress));
    const notices = repeat({ log, event: "inbox.notices", intervalMs: 1_000 }, () => sender.sendDue());
    const purge = repeat({ log, event: "inbox.purge", intervalMs: 60_000 }, () => purgeMessages(context, keep));
    log.info("inbox.listening", { port: listener.port });
    return {
      port: listener.port,
      stop: async () => {
        const cut = setTimeout(() => sender.close(), noticesEndMs);
        await Promise.all([listener.stop(), notices.stop(), purge.stop()]);
        clearTimeout(cut);
        sender.close();
      },
    };
  },
};

async function listen({ db, log, settings }: Context): Promise<MailListener> {
  const { address, port } = settings.of(inboxAddress);
  const { maxMessageSizeMb, maxConnections, noticeDelaySec } = settings.of(inboxSettings);
  const writer = groupWrites<IncomingMail, SmtpAnswer>({
    maxItems: 500,
    maxWeight: 16 * megabyte,
    weightOf: ({ content, recipients }) => content.length * recipients.length,
    write: (mails) => keepMessages(db, mails, noticeDelaySec * 1_000),
  });
  try {
    return await listenForMail({
      address,
      port,
      name: settings.of(instanceSettings).bounceDomain,
      maxConnections,
      maxMessageBytes: maxMessageSizeMb * megabyte,
      maxRecipients: 100,
      idleTimeoutMs: 300_000,
      onRecipient: (recipient) => {
        const part = partFor(recipient);
        return part.kind === "refuse" ? part.answer : undefined;
      },
      onMail: (mail) => writer.add(mail),
      onError: (error) => log.warning("inbox.connection_failed", { reason: describeError(error) }),
    });
  } catch (cause) {
    const where = `${address}:${port}`;
    if (isPortTaken(cause)) throw portTaken({ where, owner: findPortOwner("tcp", port) }, { cause });
    throw cannotListen({ where, reason: describeError(cause) }, { cause });
  }
}
