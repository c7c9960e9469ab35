/** Failed logons, so that guessing is slowed for all processes at once. */

import { defineSchema } from "./schema.ts";

export const logonGuard = defineSchema({
  namespace: "xtk",
  name: "logonGuard",
  label: "Logon guard",
  labelSingular: "Guarded subject",
  description:
    "Failed logons for each login and each source address, known or not, so that guessing is slowed for all processes at once.",
  table: "xtk_logon_guard",
  attributes: {
    subject: { type: "string", column: "subject", label: "Subject", required: true },
    failures: { type: "long", column: "failures", label: "Failures", default: 0 },
    lastAttempt: { type: "datetime", column: "last_attempt", label: "Last attempt", default: "now" },
    lockedUntil: { type: "datetime", column: "locked_until", label: "Locked until", default: "-infinity" },
  },
  keys: [{ attributes: ["subject"] }],
  access: { read: "server", write: "server" },
  isHidden: true,
});
