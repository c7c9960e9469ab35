/** How mails to a domain are built; the first rule that fits counts. */

import { mimeStructures } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const emailFormatRule = defineSchema({
  namespace: "nms",
  name: "emailFormatRule",
  label: "Rules for e-mail formats",
  labelSingular: "Rule for e-mail formats",
  table: "nms_email_format_rule",
  attributes: {
    id: { type: "int64", column: "email_format_rule_id", label: "Primary key", sequenceCache: 20 },
    "ruleSet-id": { type: "int64", column: "rule_set_id", label: "Rule set", default: 4 },
    position: { type: "long", column: "position", label: "Order", default: 0 },
    mask: { type: "string", column: "mask", label: "Domain mask", required: true, length: 255 },
    mimeStructure: {
      type: "byte",
      column: "mime_structure",
      label: "Structure",
      default: 0,
      enumeration: enumerate("mimeStructure", mimeStructures),
    },
    isRelated: { type: "boolean", column: "is_related", label: "Always multipart/related", default: false },
    hasEmbeddedImages: { type: "boolean", column: "has_embedded_images", label: "Images embedded", default: false },
  },
  keys: [{ attributes: ["id"] }],
  links: { ruleSet: linkToOne("Rule set", "nms:mailRuleSet", "ruleSet-id", { reverse: "emailFormatRule" }) },
  computeString: "@mask",
  access: { write: "admin" },
  isAudited: true,
});
