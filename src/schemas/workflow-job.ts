/** What operators ordered; a server applies it. */

import { enumerateWords } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const workflowJob = defineSchema({
  namespace: "xtk",
  name: "workflowJob",
  label: "Commands to workflows",
  labelSingular: "Command to a workflow",
  table: "xtk_workflow_job",
  attributes: {
    id: { type: "int64", column: "workflow_job_id", label: "Primary key", sequenceCache: 1 },
    "workflow-id": { type: "int64", column: "workflow_id", label: "Workflow", required: true },
    command: {
      type: "string",
      column: "command",
      label: "Command",
      required: true,
      enumeration: enumerateWords("command", ["start", "pause", "stop", "kill", "restart", "wakeup", "postEvent"]),
    },
    parameters: { type: "json", column: "parameters", label: "Parameters", default: "{}" },
    "requestedBy-id": { type: "int64", column: "requested_by", label: "Requested by", default: 0 },
    requested: { type: "datetime", column: "requested", label: "Requested", default: "now" },
    applied: { type: "datetime", column: "applied", label: "Applied" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    workflow: linkToOne("Workflow", "xtk:workflow", "workflow-id", { reverse: "job" }),
    requestedBy: linkToOne("Requested by", "xtk:operator", "requestedBy-id"),
  },
  indexes: [
    { name: "xtk_workflow_job_waiting", attributes: ["id"], where: "applied is null" },
    { name: "xtk_workflow_job_workflow", attributes: ["workflow-id"] },
  ],
  rightsThrough: ["workflow"],
  access: { write: "server" },
});
