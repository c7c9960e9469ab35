/** The one way into inMail, by SMTP or from a mailbox: a mail is taken when its effect is committed, and not before. */

import { createSecretKey, type KeyObject } from "node:crypto";

import { isDatabaseAway } from "#foundation/database-errors.ts";
import { describeError } from "#foundation/errors.ts";
import { groupWrites } from "#foundation/group-writes.ts";
import type { Context } from "#foundation/module.ts";

import { applyTogether, type ApplyResult } from "./apply-together.ts";
import type { IdentityChecks } from "./identify-message.ts";
import { openMail, type OpenedMail } from "./open-mail.ts";
import { inMailSettings } from "./settings.ts";

export type MailTaker = {
  /**
   * Reads a mail and carries out what it reports.
   * @throws the error of the database; nothing has been applied then, and the mail must be kept by whoever has it
   */
  take(raw: Buffer, envelopeRecipients: readonly string[]): Promise<void>;
  /** Logs what was taken since the last call, when there was anything. */
  logTotals(): void;
  idle(): Promise<void>;
};

/** Starts taking mails; those that arrive together are written together, up to maxBroadLog. */
export function createMailTaker(
  context: Pick<Context, "clock" | "db" | "instance" | "log" | "secrets" | "settings">,
): MailTaker {
  const { clock, db, instance, log, secrets, settings } = context;
  const { maxBroadLog, checkInstanceName } = settings.of(inMailSettings);
  const keys = new Map<string, KeyObject>();
  const checks: IdentityChecks = {
    instance,
    checkInstanceName,
    keyOf: (name) => {
      const key = keys.get(name) ?? createSecretKey(secrets.deriveKey("return-path", name));
      // Names come from strangers' mails: keep the few that are likely to come again.
      if (keys.size < 100) keys.set(name, key);
      return key;
    },
  };
  const totals = new Map<string, number>();
  const count = (kind: string): void => void totals.set(kind, (totals.get(kind) ?? 0) + 1);
  const writer = groupWrites<OpenedMail, ApplyResult>({
    maxItems: maxBroadLog,
    write: (mails) => applyTogether(db, mails, clock.now()),
  });

  return {
    take: async (raw, envelopeRecipients) => {
      const opened = await openMail(raw, envelopeRecipients, checks);
      const result = await writer.add(opened);
      if (result.kind === "failed") {
        count("notCommitted");
        if (!isDatabaseAway(result.error))
          log.error("inMail.mail_not_applied", { mailKey: opened.mailKey, reason: describeError(result.error) });
        throw result.error;
      }
      const { effect } = opened;
      const kind = result.kind === "known" ? "readBefore" : effect.kind === "noted" ? effect.as : effect.kind;
      count(kind);
      log.trace("inmail", "inMail.mail", { mailKey: opened.mailKey, kind, text: "text" in effect ? effect.text : "" });
    },
    logTotals: () => {
      if (totals.has("notCommitted")) log.warning("inMail.mails_left_for_later", Object.fromEntries(totals));
      else if (totals.size > 0) log.info("inMail.mails_read", Object.fromEntries(totals));
      totals.clear();
    },
    idle: () => writer.idle(),
  };
}
