/** What the built-in mailbox received. */

import { enumerateWords } from "./enumeration.ts";
import { defineSchema } from "./schema.ts";

export const inboxMessage = defineSchema({
  namespace: "nms",
  name: "inboxMessage",
  label: "Messages in the inbox",
  labelSingular: "Message in the inbox",
  table: "nms_inbox_message",
  attributes: {
    id: { type: "int64", column: "inbox_message_id", label: "Primary key", sequenceCache: 1 },
    received: { type: "datetime", column: "received", label: "Received", default: "now" },
    envelopeFrom: { type: "string", column: "envelope_from", label: "Envelope from", default: "" },
    envelopeTo: { type: "string", column: "envelope_to", label: "Envelope to", required: true },
    messageId: { type: "string", column: "message_id", label: "Message-ID", default: "" },
    subject: { type: "string", column: "subject", label: "Subject", default: "" },
    fromHeader: { type: "string", column: "from_header", label: "From header", default: "" },
    verdict: {
      type: "string",
      column: "verdict",
      label: "Verdict",
      default: "delivered",
      enumeration: enumerateWords("verdict", ["delivered", "bounced", "answered", "complained"]),
    },
    noticeState: {
      type: "string",
      column: "notice_state",
      label: "Notice state",
      description: "Whether a notice about this message is owed to inMail: kept here so that it outlives a kill",
      default: "none",
      enumeration: enumerateWords("noticeState", ["none", "owed", "sent", "failed"]),
    },
    noticeAttempts: { type: "long", column: "notice_attempts", label: "Notice attempts", default: 0 },
    noticeNotBefore: { type: "datetime", column: "notice_not_before", label: "Notice not before", default: "now" },
    size: { type: "long", column: "size", label: "Size (bytes)", required: true },
    source: { type: "blob", column: "source", label: "Source", required: true },
  },
  keys: [{ attributes: ["id"] }],
  indexes: [
    { name: "nms_inbox_message_owed", attributes: ["noticeNotBefore", "id"], where: "notice_state = 'owed'" },
    { name: "nms_inbox_message_received", attributes: ["received"] },
    { name: "nms_inbox_message_message_id", attributes: ["messageId"] },
    { name: "nms_inbox_message_envelope_to", attributes: ["envelopeTo"] },
  ],
  computeString: "@subject",
  access: { read: "admin", write: "server" },
});
