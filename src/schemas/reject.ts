/** Lines that a job refused, and why. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const reject = defineSchema({
  namespace: "xtk",
  name: "reject",
  label: "Rejects",
  labelSingular: "Reject",
  table: "xtk_reject",
  attributes: {
    id: { type: "int64", column: "reject_id", label: "Primary key", sequenceCache: 100 },
    "job-id": { type: "int64", column: "job_id", label: "Job", required: true },
    lineNumber: { type: "int64", column: "line_number", label: "Line number", required: true },
    reason: { type: "string", column: "reason", label: "Reason", required: true },
    line: { type: "memo", column: "line", label: "Line", required: true },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    job: linkToOne("Job", "xtk:job", "job-id", { reverse: "reject" }),
  },
  indexes: [{ name: "xtk_reject_job", attributes: ["job-id", "lineNumber"] }],
  rightsThrough: ["job"],
  access: { read: { right: "import" }, write: "server" },
});
