/** Reads the machine-readable part of a delivery status notification. @source RFC 3464, RFC 6533 */

import { cleanAddress } from "./clean-address.ts";
import type { DeliveryAction } from "./inbound-report.ts";
import type { MailPart } from "./read-mail.ts";
import { readFields } from "./read-mail.ts";

export type StatusRecipient = {
  readonly recipient: string;
  readonly originalRecipient: string;
  readonly action: DeliveryAction | undefined;
  readonly status: string | undefined;
  /** Diagnostic-Code without its type. */
  readonly diagnostic: string;
};

export const deliveryStatusTypes: ReadonlySet<string> = new Set([
  "message/delivery-status",
  "message/global-delivery-status",
]);

/** More recipients than this are an attack, or a list that no reader counts one by one. */
export const mostRecipients = 1_000;

const longestPart = 2 * 1024 * 1024;

/** The recipients that delivery-status parts name, in order. Never throws. */
export function readDeliveryStatus(parts: readonly MailPart[]): StatusRecipient[] {
  const found: StatusRecipient[] = [];
  for (const part of parts) {
    if (!deliveryStatusTypes.has(part.type)) continue;
    for (const block of part.content.toString("utf8", 0, longestPart).split(/\r?\n[ \t]*\r?\n/)) {
      const recipient = readRecipient(block);
      if (recipient !== undefined) found.push(recipient);
      if (found.length >= mostRecipients) return found;
    }
  }
  return found;
}

function readRecipient(block: string): StatusRecipient | undefined {
  const fields = readFields(block);
  const field = (name: string): string => fields.get(name)?.[0] ?? "";
  const final = cleanAddress(field("final-recipient")) || cleanAddress(field("x-actual-recipient"));
  const original = cleanAddress(field("original-recipient"));
  const hasRecipient = fields.has("final-recipient") || fields.has("original-recipient");
  if (!hasRecipient && !fields.has("action") && !fields.has("status")) return undefined;
  return {
    recipient: final || original,
    originalRecipient: original,
    action: readAction(field("action")),
    status: /[245]\.\d{1,3}\.\d{1,3}/.exec(field("status"))?.[0],
    diagnostic: readDiagnostic(fields.get("diagnostic-code") ?? []),
  };
}

const actions: readonly DeliveryAction[] = ["failed", "delayed", "delivered", "relayed", "expanded"];

function readAction(value: string): DeliveryAction | undefined {
  const word = /^[a-z]+/.exec(value.trim().toLowerCase())?.[0] ?? "";
  if (word === "fail" || word === "failure" || word === "deleted") return "failed";
  if (word === "expired") return "failed";
  return actions.find((action) => action === word);
}

function readDiagnostic(values: readonly string[]): string {
  return values
    .map((value) => value.replace(/^\s*(?:smtp|x-[\w-]{1,40}|unknown|dns|lmtp|local|permanent)\s*;\s*/i, "").trim())
    .filter(Boolean)
    .join(" ")
    .slice(0, 2_000);
}
