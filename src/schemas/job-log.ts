/** What happened in a job. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const jobLog = defineSchema({
  namespace: "xtk",
  name: "jobLog",
  label: "Journals of jobs",
  labelSingular: "Journal line of a job",
  table: "xtk_job_log",
  attributes: {
    id: { type: "int64", column: "job_log_id", label: "Primary key", sequenceCache: 1 },
    "job-id": { type: "int64", column: "job_id", label: "Job", required: true },
    objectSchema: { type: "string", column: "object_schema", label: "Object schema", default: "" },
    logDate: { type: "datetime", column: "logged", label: "Date", default: "now" },
    level: { type: "string", column: "level", label: "Level", default: "info" },
    message: { type: "memo", column: "message", label: "Message", required: true },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    job: linkToOne("Job", "xtk:job", "job-id", { reverse: "jobLog" }),
  },
  indexes: [{ name: "xtk_job_log_job", attributes: ["job-id", "id"] }],
  rightsThrough: ["job"],
  access: { write: "server" },
});
