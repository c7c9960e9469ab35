/** SMTP errors by address of the mail exchanger, address of ours and period. */

import { defineSchema } from "./schema.ts";

export const emailErrorStat = defineSchema({
  namespace: "nms",
  name: "emailErrorStat",
  label: "SMTP error statistics",
  labelSingular: "SMTP error statistic",
  description: "Connections and errors by address of the mail exchanger, address of ours and period; written by stat.",
  table: "nms_email_error_stat",
  attributes: {
    mxIP: { type: "string", column: "mx_ip", label: "Address of the mail exchanger", required: true },
    publicId: { type: "long", column: "public_id", label: "Public address", required: true },
    date: { type: "datetime", column: "period_start", label: "Period start", required: true },
    mxHost: { type: "string", column: "mx_host", label: "Mail exchanger", default: "" },
    totalConnections: { type: "long", column: "total_connections", label: "Connections", default: 0 },
    totalMessages: { type: "long", column: "total_messages", label: "Messages tried", default: 0 },
    totalErrors: {
      type: "long",
      column: "total_errors",
      label: "Errors",
      description: "Of messages and of connections",
      default: 0,
    },
    messageErrors: { type: "long", column: "message_errors", label: "Messages refused", default: 0 },
    abortedConnections: { type: "long", column: "aborted_connections", label: "Connections lost midway", default: 0 },
    failedConnections: { type: "long", column: "failed_connections", label: "Connections that failed", default: 0 },
    refusedConnections: { type: "long", column: "refused_connections", label: "Connections refused", default: 0 },
    timeoutConnections: {
      type: "long",
      column: "timeout_connections",
      label: "Connections without an answer",
      default: 0,
    },
  },
  keys: [{ attributes: ["date", "mxIP", "publicId"] }],
  access: { write: "server" },
  restName: "email-error-statistics",
});
