/** Runs of imports, exports and other work that has an end. */

import { enumerateWords } from "./enumeration.ts";
import { defineSchema } from "./schema.ts";

export const job = defineSchema({
  namespace: "xtk",
  name: "job",
  label: "Jobs",
  labelSingular: "Job",
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
      enumeration: enumerateWords("state", ["running", "finished", "finished_with_rejects", "failed", "interrupted"]),
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
    "createdBy-id": { type: "int64", column: "created_by", label: "Created by", default: 0 },
    started: { type: "datetime", column: "started", label: "Started", default: "now" },
    finished: { type: "datetime", column: "finished", label: "Finished" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    createdBy: {
      label: "Created by",
      target: "xtk:operator",
      cardinality: "one",
      join: [{ from: "createdBy-id", to: "id" }],
    },
  },
});
