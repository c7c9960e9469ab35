/** Tasks: what people do for a campaign. */

import { taskStatuses } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const task = defineSchema({
  namespace: "nms",
  name: "task",
  label: "Tasks",
  labelSingular: "Task",
  table: "nms_task",
  attributes: {
    id: { type: "int64", column: "task_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    desc: { type: "memo", column: "description", label: "Description" },
    status: {
      type: "byte",
      column: "status",
      label: "Status",
      default: 0,
      enumeration: enumerate("taskStatus", taskStatuses),
      isResetByCopy: true,
    },
    start: { type: "datetime", column: "start_date", label: "Start" },
    end: { type: "datetime", column: "end_date", label: "End" },
    "operation-id": { type: "int64", column: "operation_id", label: "Campaign", default: 0 },
    "assignee-id": { type: "int64", column: "assignee_id", label: "Assigned to", default: 0 },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }],
  links: {
    ...folderLink("task"),
    ...stampLinks,
    operation: linkToOne("Campaign", "nms:operation", "operation-id", { reverse: "task" }),
    assignee: linkToOne("Assigned to", "xtk:operator", "assignee-id", { reverse: "task" }),
  },
  indexes: [
    { name: "nms_task_operation", attributes: ["operation-id"], where: "operation_id <> 0" },
    { name: "nms_task_assignee", attributes: ["assignee-id"], where: "status in (0, 1)" },
  ],
  computeString: "@label",
  folderAttribute: "folder-id",
});
