/**
 * How mail of a sending domain is signed, and how mail to a recipient's domain is handed over. In each question the first rule whose mask
 * fits that domain counts.
 */

import { enumerateWords } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const domainRule = defineSchema({
  namespace: "nms",
  name: "domainRule",
  label: "Rules for domains",
  labelSingular: "Rule for domains",
  table: "nms_domain_rule",
  attributes: {
    id: { type: "int64", column: "domain_rule_id", label: "Primary key", sequenceCache: 20 },
    "ruleSet-id": { type: "int64", column: "rule_set_id", label: "Rule set", default: 2 },
    position: { type: "long", column: "position", label: "Order", default: 0 },
    mask: { type: "string", column: "mask", label: "Domain mask", required: true, length: 255 },
    isDkim: {
      type: "boolean",
      column: "is_dkim",
      label: "Signed with DKIM",
      description: "Read by the domain of the sender",
      default: true,
    },
    relayHost: {
      type: "string",
      column: "relay_host",
      label: "SMTP relay",
      description: "Read by the domain of the recipient; empty = the usual way",
      default: "",
      length: 255,
    },
    relayPort: { type: "long", column: "relay_port", label: "Port of the relay", default: 25 },
    tls: {
      type: "string",
      column: "tls",
      label: "TLS",
      description: "Read by the domain of the recipient",
      default: "default",
      enumeration: enumerateWords("domainTls", ["default", "disabled", "opportunistic", "required"]),
    },
  },
  keys: [{ attributes: ["id"] }],
  links: { ruleSet: linkToOne("Rule set", "nms:mailRuleSet", "ruleSet-id", { reverse: "domainRule" }) },
  computeString: "@mask",
  access: { write: "admin" },
  isAudited: true,
});
