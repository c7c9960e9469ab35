/** Definitions of workflows and the state of their run. */

import { workflowSeverities, workflowStates } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { dataField, folderField, folderLink, kept, stampLinks, stamps } from "./fragments.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const workflow = defineSchema({
  namespace: "xtk",
  name: "workflow",
  label: "Workflows",
  labelSingular: "Workflow",
  table: "xtk_workflow",
  attributes: {
    id: { type: "int64", column: "workflow_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    state: {
      type: "byte",
      column: "state",
      label: "State",
      default: 0,
      enumeration: enumerate("workflowState", workflowStates),
      ...kept,
    },
    failed: { type: "boolean", column: "has_failed", label: "Failed", default: false, ...kept },
    isModel: { type: "boolean", column: "is_model", label: "Template", default: false, isResetByCopy: true },
    production: {
      type: "byte",
      column: "production",
      label: "Severity",
      default: 0,
      enumeration: enumerate("production", workflowSeverities),
    },
    schedulingPriority: {
      type: "byte",
      column: "scheduling_priority",
      label: "Priority",
      description: "5 low, 10 normal, 15 high.",
      default: 10,
    },
    "operation-id": { type: "int64", column: "operation_id", label: "Campaign", default: 0 },
    "supervisors-id": {
      type: "int64",
      column: "supervisors_id",
      label: "Supervisors",
      description: "The group of operators who are told when the workflow fails.",
      default: 6,
    },
    activities: { type: "json", column: "definition", label: "Activities", default: "{}" },
    variables: { type: "json", column: "variables", label: "Variables", default: "{}", ...kept },
    runNumber: { type: "int64", column: "run_number", label: "Run number", default: 0, ...kept },
    ownerHost: { type: "string", column: "owner_host", label: "Owner host", ...kept },
    ownerProcess: { type: "string", column: "owner_process", label: "Owner process", ...kept },
    leaseUntil: { type: "datetime", column: "lease_until", label: "Lease until", ...kept },
    started: { type: "datetime", column: "started", label: "Started", ...kept },
    finished: { type: "datetime", column: "finished", label: "Finished", ...kept },
    ...stamps,
    ...dataField,
  },
  dataFields: {
    desc: { type: "memo", label: "Description", isElement: true },
    affinity: { type: "string", label: "Affinity", default: "", length: 100 },
    timezone: { type: "string", label: "Time zone", description: "Empty = the server's.", default: "", length: 60 },
    keepHistory: { type: "long", label: "History in days", description: "0 = for ever.", default: 30 },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: {
    ...folderLink("workflow"),
    ...stampLinks,
    operation: linkToOne("Campaign", "nms:operation", "operation-id", { reverse: "workflow" }),
    supervisors: linkToOne("Supervisors", "xtk:operatorGroup", "supervisors-id"),
    openTask: linkToMany("Open tasks", "xtk:workflowTask", "workflow-id", {
      where: "@status = 0",
      integrity: "define",
    }),
    task: linkToMany("Tasks", "xtk:workflowTask", "workflow-id", { reverse: "workflow", integrity: "own" }),
    event: linkToMany("Events", "xtk:workflowEvent", "workflow-id", { reverse: "workflow", integrity: "own" }),
    job: linkToMany("Commands", "xtk:workflowJob", "workflow-id", { reverse: "workflow", integrity: "own" }),
    log: linkToMany("Journal", "xtk:workflowLog", "workflow-id", { reverse: "workflow", integrity: "own" }),
  },
  indexes: [
    { name: "xtk_workflow_live", attributes: ["state"], where: "state not in (0, 20)" },
    { name: "xtk_workflow_recent", attributes: ["-lastModified"], where: "not is_model" },
    {
      name: "xtk_workflow_search",
      attributes: [],
      expression: "label gin_trgm_ops, internal_name gin_trgm_ops",
      method: "gin",
    },
  ],
  computeString: "@label",
  folderAttribute: "folder-id",
  access: { write: { right: "workflow" } },
  isAudited: true,
});
