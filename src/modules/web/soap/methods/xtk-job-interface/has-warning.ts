/** Whether a job has noted warnings or errors. */

import { jobInterface } from "#schemas/job-interface.ts";

import { defineMethod } from "../../define-method.ts";
import { findJob } from "./find-job.ts";

/** @throws unknownJob */
export const hasWarning = defineMethod(jobInterface, "HasWarning", async (call, id) => [
  (await findJob(call, id)).hasWarning,
]);
