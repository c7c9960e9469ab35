/** One transition that was fired. */

import { workflowEventStatuses } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const workflowEvent = defineSchema({
  namespace: "xtk",
  name: "workflowEvent",
  label: "Events of workflows",
  labelSingular: "Event of a workflow",
  table: "xtk_workflow_event",
  attributes: {
    id: { type: "int64", column: "workflow_event_id", label: "Primary key", sequenceCache: 1 },
    "workflow-id": { type: "int64", column: "workflow_id", label: "Workflow", required: true },
    runNumber: { type: "int64", column: "run_number", label: "Run number", required: true },
    "workflowTask-id": { type: "int64", column: "workflow_task_id", label: "Task", required: true },
    transition: { type: "string", column: "transition", label: "Transition", required: true },
    targetActivity: { type: "string", column: "target_activity", label: "Target activity" },
    status: {
      type: "byte",
      column: "status",
      label: "Status",
      default: 0,
      enumeration: enumerate("workflowEventStatus", workflowEventStatuses),
    },
    variables: { type: "json", column: "variables", label: "Variables", default: "{}" },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
    processed: { type: "datetime", column: "processed", label: "Processed" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    workflow: linkToOne("Workflow", "xtk:workflow", "workflow-id", { reverse: "event" }),
    task: linkToOne("Task", "xtk:workflowTask", "workflowTask-id"),
  },
  indexes: [{ name: "xtk_workflow_event_workflow", attributes: ["workflow-id", "id"] }],
  rightsThrough: ["workflow"],
  access: { write: "server" },
});
