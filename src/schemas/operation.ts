/** Campaigns: deliveries, workflows and tasks with one aim. */

import { operationStatuses } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const operation = defineSchema({
  namespace: "nms",
  name: "operation",
  label: "Campaigns",
  labelSingular: "Campaign",
  table: "nms_operation",
  attributes: {
    id: { type: "int64", column: "operation_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    desc: { type: "memo", column: "description", label: "Description" },
    nature: { type: "string", column: "nature", label: "Nature", length: 100, openEnumeration: "nature" },
    isModel: { type: "boolean", column: "is_model", label: "Template", default: false, isResetByCopy: true },
    status: {
      type: "byte",
      column: "status",
      label: "Status",
      default: 0,
      enumeration: enumerate("operationStatus", operationStatuses),
      isResetByCopy: true,
    },
    start: { type: "datetime", column: "start_date", label: "Start" },
    end: { type: "datetime", column: "end_date", label: "End" },
    "program-id": { type: "int64", column: "program_id", label: "Program", default: 0 },
    "owner-id": { type: "int64", column: "owner_id", label: "Manager", default: 0 },
    "budget-id": { type: "int64", column: "budget_id", label: "Budget", default: 0 },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: {
    ...folderLink("operation"),
    ...stampLinks,
    program: linkToOne("Program", "nms:program", "program-id", { reverse: "operation" }),
    owner: linkToOne("Manager", "xtk:operator", "owner-id"),
    budget: linkToOne("Budget", "nms:budget", "budget-id", { reverse: "operation" }),
    delivery: linkToMany("Deliveries", "nms:delivery", "operation-id", { reverse: "operation", integrity: "define" }),
    workflow: linkToMany("Workflows", "xtk:workflow", "operation-id", { reverse: "operation", integrity: "define" }),
    task: linkToMany("Tasks", "nms:task", "operation-id", { reverse: "operation", integrity: "owncopy" }),
    seedMember: linkToMany("Seed addresses", "nms:seedMember", "operation-id", {
      reverse: "operation",
      integrity: "owncopy",
    }),
  },
  indexes: [
    { name: "nms_operation_recent", attributes: ["-lastModified"], where: "not is_model" },
    { name: "nms_operation_program", attributes: ["program-id"], where: "program_id <> 0" },
    {
      name: "nms_operation_search",
      attributes: [],
      expression: "label gin_trgm_ops, internal_name gin_trgm_ops",
      method: "gin",
    },
  ],
  computeString: "@label",
  folderAttribute: "folder-id",
  restName: "campaigns",
});
