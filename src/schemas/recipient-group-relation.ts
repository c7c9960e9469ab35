/** Which recipient is in which group. */

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
    group: { label: "Group", target: "nms:group", cardinality: "one", join: [{ from: "group-id", to: "id" }] },
    recipient: {
      label: "Recipient",
      target: "nms:recipient",
      cardinality: "one",
      join: [{ from: "recipient-id", to: "id" }],
    },
  },
  indexes: [{ name: "nms_rcp_grp_rel_recipient", attributes: ["recipient-id"] }],
});
