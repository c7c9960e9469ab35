/** What happened in a run. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const workflowLog = defineSchema({
  namespace: "xtk",
  name: "workflowLog",
  label: "Journals of workflows",
  labelSingular: "Journal line of a workflow",
  table: "xtk_workflow_log",
  attributes: {
    id: { type: "int64", column: "workflow_log_id", label: "Primary key", sequenceCache: 1 },
    "workflow-id": { type: "int64", column: "workflow_id", label: "Workflow", required: true },
    runNumber: { type: "int64", column: "run_number", label: "Run number", required: true },
    activity: { type: "string", column: "activity", label: "Activity", default: "" },
    level: { type: "string", column: "level", label: "Level", default: "info" },
    message: { type: "memo", column: "message", label: "Message", required: true },
    logDate: { type: "datetime", column: "logged", label: "Date", default: "now" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    workflow: linkToOne("Workflow", "xtk:workflow", "workflow-id", { reverse: "log" }),
  },
  indexes: [{ name: "xtk_workflow_log_workflow", attributes: ["workflow-id", "id"] }],
  rightsThrough: ["workflow"],
  access: { write: "server" },
});
