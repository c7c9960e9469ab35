/** Runs of imports, exports and other work that has an end. */

import { jobStatuses } from "./codes.ts";
import { enumerate, enumerateWords } from "./enumeration.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const job = defineSchema({
  namespace: "xtk",
  name: "job",
  label: "Jobs",
  labelSingular: "Job",
  description: "Operators see their own, administrators all.",
  table: "xtk_job",
  attributes: {
    id: { type: "int64", column: "job_id", label: "Primary key", sequenceCache: 20 },
    kind: { type: "string", column: "kind", label: "Kind", required: true },
    label: { type: "string", column: "label", label: "Label", default: "" },
    state: {
      type: "string",
      column: "state",
      label: "State",
      default: "running",
      enumeration: enumerateWords("state", [
        "edited",
        "running",
        "pausing",
        "paused",
        "canceling",
        "canceled",
        "finished",
        "finished_with_rejects",
        "failed",
        "interrupted",
      ]),
    },
    parameters: { type: "json", column: "parameters", label: "Parameters", default: "{}" },
    result: { type: "json", column: "result", label: "Result", default: "{}" },
    progressCurrent: { type: "int64", column: "progress_current", label: "Progress", default: 0 },
    progressMax: {
      type: "int64",
      column: "progress_max",
      label: "Progress at the end",
      description: "Bytes of the file for an import, rows for an export.",
      default: 0,
    },
    failureText: { type: "memo", column: "failure_text", label: "Failure text" },
    host: { type: "string", column: "host", label: "Host" },
    processId: { type: "long", column: "process_id", label: "Process" },
    ownerProcess: { type: "string", column: "owner_process", label: "Owner process" },
    leaseUntil: { type: "datetime", column: "lease_until", label: "Lease until" },
    hasWarning: { type: "boolean", column: "has_warning", label: "Has warnings", default: false },
    objectSchema: {
      type: "string",
      column: "object_schema",
      label: "Schema of the object",
      description: "What the job works on, such as nms:delivery.",
      default: "",
    },
    objectId: { type: "int64", column: "object_id", label: "Object", default: 0 },
    "createdBy-id": { type: "int64", column: "created_by", label: "Created by", default: 0 },
    started: { type: "datetime", column: "started", label: "Started", default: "now" },
    finished: { type: "datetime", column: "finished", label: "Finished" },
  },
  keys: [{ attributes: ["id"] }],
  computedFields: {
    status: {
      type: "byte",
      label: "Status",
      description: "The state as the job interface tells it.",
      expression:
        "Case(When(@state = 'edited', 0), When(@state = 'running', 2), When(@state = 'canceling', 3), When(@state = 'canceled', 4), When(@state = 'failed' or @state = 'interrupted', 6), When(@state = 'pausing', 7), When(@state = 'paused', 8), Else(5))",
      enumeration: enumerate("jobStatus", jobStatuses),
    },
  },
  links: {
    jobLog: linkToMany("Journal", "xtk:jobLog", "job-id", { reverse: "job", integrity: "own" }),
    reject: linkToMany("Rejects", "xtk:reject", "job-id", { reverse: "job", integrity: "own" }),
    createdBy: linkToOne("Created by", "xtk:operator", "createdBy-id"),
  },
  indexes: [
    {
      name: "xtk_job_live",
      attributes: ["objectSchema", "objectId"],
      where: "state in ('running', 'pausing', 'paused', 'canceling')",
    },
  ],
  computeString: "@label",
  access: { write: "server" },
  systemFilters: [
    {
      name: "readAccess",
      conditions: [{ expression: "[@createdBy-id] = $(loginId)", enabledIf: "hasNamedRight('admin') = false" }],
    },
  ],
});
