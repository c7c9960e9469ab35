/** Which messages the built-in mailbox has deferred already. */

import { defineSchema } from "./schema.ts";

export const inboxDeferral = defineSchema({
  namespace: "nms",
  name: "inboxDeferral",
  label: "Deferrals of the inbox",
  labelSingular: "Deferral of the inbox",
  description: "Messages that the test domain for deferrals has refused once, and takes the next time.",
  table: "nms_inbox_deferral",
  attributes: {
    envelopeTo: { type: "string", column: "envelope_to", label: "Envelope to", required: true },
    messageId: { type: "string", column: "message_id", label: "Message-ID", required: true },
    deferred: { type: "datetime", column: "deferred", label: "Deferred", default: "now" },
  },
  keys: [{ attributes: ["envelopeTo", "messageId"] }],
  access: { read: "server", write: "server" },
  isHidden: true,
});
