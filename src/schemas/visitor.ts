/** Visitors of web sites, known or not yet. */

import { dates, folderField, folderLink } from "./fragments.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const visitor = defineSchema({
  namespace: "nms",
  name: "visitor",
  label: "Visitors",
  labelSingular: "Visitor",
  table: "nms_visitor",
  attributes: {
    id: { type: "int64", column: "visitor_id", label: "Primary key", sequenceCache: 100 },
    ...folderField,
    sourceId: {
      type: "uuid",
      column: "source_id",
      label: "Source id",
      description: "What the browser keeps to be known again.",
      required: true,
    },
    externalId: { type: "string", column: "external_id", label: "External id", default: "", length: 100 },
    "recipient-id": {
      type: "int64",
      column: "recipient_id",
      label: "Recipient",
      description: "Who it is; 0 = not known yet.",
      default: 0,
    },
    email: { type: "string", column: "email", label: "E-mail", length: 320 },
    firstName: { type: "string", column: "first_name", label: "First name", length: 100 },
    lastName: { type: "string", column: "last_name", label: "Last name", length: 100 },
    origin: { type: "string", column: "origin", label: "Origin", length: 100 },
    ...dates,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["sourceId"] }],
  links: {
    ...folderLink("visitor"),
    recipient: linkToOne("Recipient", "nms:recipient", "recipient-id", { reverse: "visitor" }),
  },
  indexes: [{ name: "nms_visitor_recipient", attributes: ["recipient-id"], where: "recipient_id <> 0" }],
  computeString: "JuxtWords3(@lastName, @firstName, '(' + @email + ')')",
  folderAttribute: "folder-id",
});
