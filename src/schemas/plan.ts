/** Marketing plans: programs of a year or a season. */

import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const plan = defineSchema({
  namespace: "nms",
  name: "plan",
  label: "Plans",
  labelSingular: "Plan",
  table: "nms_plan",
  attributes: {
    id: { type: "int64", column: "plan_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    desc: { type: "memo", column: "description", label: "Description" },
    start: { type: "datetime", column: "start_date", label: "Start" },
    end: { type: "datetime", column: "end_date", label: "End" },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: {
    ...folderLink("plan"),
    ...stampLinks,
    program: linkToMany("Programs", "nms:program", "plan-id", { reverse: "plan", integrity: "define" }),
  },
  computeString: "@label",
  folderAttribute: "folder-id",
});
