/** Turns the bytes of a mail that came back into what they do: read, identify, decide. */

import { createHash } from "node:crypto";

import { parseInboundReport } from "#protocols/bounce/parse-inbound-report.ts";

import { decideEffect, type Effect } from "./decide-effect.ts";
import { identifyMessage, type IdentityChecks } from "./identify-message.ts";

export type OpenedMail = {
  /** Names the mail by its bytes, so that reading it again counts nothing twice. */
  readonly mailKey: string;
  readonly effect: Effect;
};

/** Reads a mail; any bytes give a result. @param envelopeRecipients RCPT TO, where it came by SMTP */
export async function openMail(
  raw: Buffer,
  envelopeRecipients: readonly string[],
  checks: IdentityChecks,
): Promise<OpenedMail> {
  const report = await parseInboundReport(raw, envelopeRecipients);
  const hash = createHash("sha256").update(raw);
  for (const recipient of envelopeRecipients) hash.update("\0").update(recipient.toLowerCase());
  return { mailKey: hash.digest("hex"), effect: decideEffect(report, identifyMessage(report.identities, checks)) };
}
