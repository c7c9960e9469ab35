/** Sets of rules for mail: how bounces are read, domains signed, servers approached, mails formatted. */

import { mailRuleSetTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const mailRuleSet = defineSchema({
  namespace: "nms",
  name: "mailRuleSet",
  label: "Mail rule sets",
  labelSingular: "Mail rule set",
  table: "nms_mail_rule_set",
  attributes: {
    id: { type: "int64", column: "mail_rule_set_id", label: "Primary key", sequenceCache: 20 },
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    type: {
      type: "byte",
      column: "type",
      label: "Type",
      required: true,
      enumeration: enumerate("mailRuleSetType", mailRuleSetTypes),
    },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...stampLinks,
    inboundRule: linkToMany("Rules for inbound mail", "nms:inboundRule", "ruleSet-id", {
      reverse: "ruleSet",
      integrity: "owncopy",
    }),
    domainRule: linkToMany("Rules for domains", "nms:domainRule", "ruleSet-id", {
      reverse: "ruleSet",
      integrity: "owncopy",
    }),
    mxRule: linkToMany("MX rules", "nms:mxRule", "ruleSet-id", { reverse: "ruleSet", integrity: "owncopy" }),
    emailFormatRule: linkToMany("Rules for formats", "nms:emailFormatRule", "ruleSet-id", {
      reverse: "ruleSet",
      integrity: "owncopy",
    }),
  },
  computeString: "@label",
  access: { write: "admin" },
  isAudited: true,
});
