/** Reads the configured bounce mailbox every popMailPeriodSec, and again at once while more mails wait. */

import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { type Loop, repeat } from "#foundation/repeat.ts";
import { Pop3Error } from "#protocols/pop3/pop3-error.ts";

import { mailboxUnreadable } from "./errors.ts";
import { readMailbox } from "./read-mailbox.ts";
import { inMailSettings } from "./settings.ts";
import type { MailTaker } from "./take-mail.ts";

const megabyte = 1024 * 1024;

/** Starts the loop, or answers undefined when no mailbox is configured. */
export function pollMailbox({ log, settings }: Pick<Context, "log" | "settings">, taker: MailTaker): Loop | undefined {
  const own = settings.of(inMailSettings);
  if (own.popLogin === "") return undefined;
  const troubles = new Map<string, number>();
  return repeat({ log, event: "inMail.mailbox", intervalMs: own.popMailPeriodSec * 1_000 }, async (ending) => {
    const started = performance.now();
    try {
      const { read, deleted, isMoreWaiting } = await readMailbox({
        address: {
          host: own.popHost,
          port: own.popPort,
          login: own.popLogin,
          password: own.popPassword,
          encryption: own.popEncryption,
          timeoutMs: own.popTimeoutSec * 1_000,
          signal: AbortSignal.any([ending, AbortSignal.timeout(own.maxSessionTTLSec * 1_000)]),
          trace: (command, reply) => log.trace("pop3", "pop3.answered", { command, reply }),
        },
        maxMails: own.maxMsgPerSession,
        mailsTogether: own.maxBroadLog,
        maxMailBytes: 10 * megabyte,
        take: (raw) => taker.take(raw, []),
        log,
        troubles,
      });
      if (read > 0)
        log.info("inMail.mailbox_read", { read, deleted, durationMs: Math.round(performance.now() - started) });
      return isMoreWaiting ? "again" : undefined;
    } catch (error) {
      if (!(error instanceof Pop3Error) || ending.aborted) {
        if (ending.aborted) return undefined;
        throw error;
      }
      throw mailboxUnreadable(
        { where: `${own.popHost}:${own.popPort}`, reason: describeError(error) },
        { cause: error },
      );
    }
  });
}
