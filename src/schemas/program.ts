/** Programs: campaigns of one kind. */

import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const program = defineSchema({
  namespace: "nms",
  name: "program",
  label: "Programs",
  labelSingular: "Program",
  table: "nms_program",
  attributes: {
    id: { type: "int64", column: "program_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    desc: { type: "memo", column: "description", label: "Description" },
    start: { type: "datetime", column: "start_date", label: "Start" },
    end: { type: "datetime", column: "end_date", label: "End" },
    "plan-id": { type: "int64", column: "plan_id", label: "Plan", default: 0 },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: {
    ...folderLink("program"),
    ...stampLinks,
    plan: linkToOne("Plan", "nms:plan", "plan-id", { reverse: "program" }),
    operation: linkToMany("Campaigns", "nms:operation", "program-id", { reverse: "program", integrity: "define" }),
  },
  indexes: [{ name: "nms_program_plan", attributes: ["plan-id"], where: "plan_id <> 0" }],
  computeString: "@label",
  folderAttribute: "folder-id",
});
