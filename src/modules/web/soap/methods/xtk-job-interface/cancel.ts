/** Asks a job to end. */

import { cancelCallJob } from "#campaign/transfer/call-job-store.ts";
import { jobInterface } from "#schemas/job-interface.ts";

import { defineMethod } from "../../define-method.ts";
import { findJob } from "./find-job.ts";

/**
 * A job that has ended stays as it is.
 * @throws unknownJob
 */
export const cancelJob = defineMethod(jobInterface, "Cancel", async (call, id) => {
  await cancelCallJob(call.context.db, (await findJob(call, id)).id);
  return [];
});
