/** Which recipient is in which group. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const recipientGroupRelation = defineSchema({
  namespace: "nms",
  name: "rcpGrpRel",
  label: "Group members",
  labelSingular: "Group member",
  table: "nms_rcp_grp_rel",
  attributes: {
    "group-id": { type: "int64", column: "group_id", label: "Group", required: true },
    "recipient-id": { type: "int64", column: "recipient_id", label: "Recipient", required: true },
  },
  keys: [{ attributes: ["group-id", "recipient-id"] }],
  links: {
    group: linkToOne("Group", "nms:group", "group-id", { reverse: "rcpGrpRel" }),
    recipient: linkToOne("Recipient", "nms:recipient", "recipient-id", { reverse: "rcpGrpRel" }),
  },
  indexes: [{ name: "nms_rcp_grp_rel_recipient", attributes: ["recipient-id"] }],
  rightsThrough: ["group", "recipient"],
  restName: "group-memberships",
});
