/** What happened in a job. */

import { defineSchema } from "./schema.ts";

export const jobLog = defineSchema({
  namespace: "xtk",
  name: "jobLog",
  label: "Journals of jobs",
  labelSingular: "Journal line of a job",
  table: "xtk_job_log",
  attributes: {
    id: { type: "int64", column: "job_log_id", label: "Primary key", sequenceCache: 20 },
    "job-id": { type: "int64", column: "job_id", label: "Job", required: true },
    objectSchema: { type: "string", column: "object_schema", label: "Object schema", default: "" },
    logged: { type: "datetime", column: "logged", label: "Logged", default: "now" },
    level: { type: "string", column: "level", label: "Level", default: "info" },
    message: { type: "memo", column: "message", label: "Message", required: true },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    job: { label: "Job", target: "xtk:job", cardinality: "one", join: [{ from: "job-id", to: "id" }] },
  },
  indexes: [{ name: "xtk_job_log_job", attributes: ["job-id", "id"] }],
});
