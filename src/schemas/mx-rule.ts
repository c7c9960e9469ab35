/** How fast messages may go to the servers whose names fit a mask; the first rule that fits counts. */

import { enumerateWords } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const mxRule = defineSchema({
  namespace: "nms",
  name: "mxRule",
  label: "MX rules",
  labelSingular: "MX rule",
  table: "nms_mx_rule",
  attributes: {
    id: { type: "int64", column: "mx_rule_id", label: "Primary key", sequenceCache: 20 },
    "ruleSet-id": { type: "int64", column: "rule_set_id", label: "Rule set", default: 3 },
    position: { type: "long", column: "position", label: "Order", default: 0 },
    mask: { type: "string", column: "mask", label: "Host name mask", required: true },
    publicIds: { type: "string", column: "public_ids", label: "Public addresses", default: "" },
    isShared: { type: "boolean", column: "is_shared", label: "Shared by all senders", default: true },
    maxConnections: { type: "long", column: "max_connections", label: "Most connections", default: 20 },
    maxMessagesPerConnection: {
      type: "long",
      column: "max_messages_per_connection",
      label: "Most messages per connection",
      default: 500,
    },
    maxMessagesPerHour: {
      type: "long",
      column: "max_messages_per_hour",
      label: "Most messages per hour",
      description: "0 = no limit",
      default: 0,
    },
    connectionTimeoutSec: {
      type: "long",
      column: "connection_timeout_sec",
      label: "Connection timeout (s)",
      default: 30,
    },
    dataTimeoutSec: { type: "long", column: "data_timeout_sec", label: "Data timeout (s)", default: 300 },
    otherTimeoutSec: { type: "long", column: "other_timeout_sec", label: "Timeout of other answers (s)", default: 60 },
    tls: {
      type: "string",
      column: "tls",
      label: "TLS",
      default: "default",
      enumeration: enumerateWords("tls", ["default", "disabled", "opportunistic", "required"]),
    },
  },
  keys: [{ attributes: ["id"] }],
  links: { ruleSet: linkToOne("Rule set", "nms:mailRuleSet", "ruleSet-id", { reverse: "mxRule" }) },
  computeString: "@mask",
  access: { write: "admin" },
  isAudited: true,
});
