/** One execution of one activity. */

import { workflowTaskStatuses } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const workflowTask = defineSchema({
  namespace: "xtk",
  name: "workflowTask",
  label: "Tasks of workflows",
  labelSingular: "Task of a workflow",
  table: "xtk_workflow_task",
  attributes: {
    id: { type: "int64", column: "workflow_task_id", label: "Primary key", sequenceCache: 1 },
    "workflow-id": { type: "int64", column: "workflow_id", label: "Workflow", required: true },
    runNumber: { type: "int64", column: "run_number", label: "Run number", required: true },
    activity: { type: "string", column: "activity", label: "Activity", required: true },
    status: {
      type: "byte",
      column: "status",
      label: "Status",
      default: 0,
      enumeration: enumerate("workflowTaskStatus", workflowTaskStatuses),
    },
    due: { type: "datetime", column: "due", label: "Due", default: "now" },
    variables: { type: "json", column: "variables", label: "Variables", default: "{}" },
    attempts: { type: "long", column: "attempts", label: "Attempts", default: 0 },
    failureText: { type: "memo", column: "failure_text", label: "Failure text" },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
    started: { type: "datetime", column: "started", label: "Started" },
    completed: { type: "datetime", column: "completed", label: "Completed" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    workflow: linkToOne("Workflow", "xtk:workflow", "workflow-id", { reverse: "task" }),
  },
  indexes: [
    { name: "xtk_workflow_task_open", attributes: ["workflow-id", "due"], where: "status = 0" },
    { name: "xtk_workflow_task_workflow", attributes: ["workflow-id", "id"] },
  ],
  rightsThrough: ["workflow"],
  access: { write: "server" },
});
