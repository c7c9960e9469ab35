/** Definitions of workflows and the state of their run. */

import { workflowStates } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { defineSchema } from "./schema.ts";

export const workflow = defineSchema({
  namespace: "xtk",
  name: "workflow",
  label: "Workflows",
  labelSingular: "Workflow",
  table: "xtk_workflow",
  attributes: {
    id: { type: "int64", column: "workflow_id", label: "Primary key", sequenceCache: 20 },
    "folder-id": { type: "int64", column: "folder_id", label: "Folder", default: 0 },
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true },
    label: { type: "string", column: "label", label: "Label", default: "" },
    state: {
      type: "byte",
      column: "state",
      label: "State",
      default: 0,
      enumeration: enumerate("workflowState", workflowStates),
    },
    failed: { type: "boolean", column: "has_failed", label: "Failed", default: false },
    definition: { type: "json", column: "definition", label: "Definition", default: "{}" },
    variables: { type: "json", column: "variables", label: "Variables", default: "{}" },
    runNumber: { type: "int64", column: "run_number", label: "Run number", default: 0 },
    ownerHost: { type: "string", column: "owner_host", label: "Owner host" },
    ownerProcess: { type: "string", column: "owner_process", label: "Owner process" },
    leaseUntil: { type: "datetime", column: "lease_until", label: "Lease until" },
    "createdBy-id": { type: "int64", column: "created_by", label: "Created by", default: 0 },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
    lastModified: { type: "datetime", column: "last_modified", label: "Last modified", default: "now" },
    started: { type: "datetime", column: "started", label: "Started" },
    finished: { type: "datetime", column: "finished", label: "Finished" },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: {
    folder: { label: "Folder", target: "xtk:folder", cardinality: "one", join: [{ from: "folder-id", to: "id" }] },
    createdBy: {
      label: "Created by",
      target: "xtk:operator",
      cardinality: "one",
      join: [{ from: "createdBy-id", to: "id" }],
    },
  },
  indexes: [{ name: "xtk_workflow_live", attributes: ["state"], where: "state not in (0, 20)" }],
});
