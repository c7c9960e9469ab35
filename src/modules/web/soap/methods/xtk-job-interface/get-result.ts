/** What the call of a job has answered. */

import { jobHasNoResult } from "#campaign/transfer/errors.ts";
import { jobInterface } from "#schemas/job-interface.ts";

import { defineMethod } from "../../define-method.ts";
import { findJob } from "./find-job.ts";

/** @throws unknownJob, jobHasNoResult when it has not ended well */
export const getResult = defineMethod(jobInterface, "GetResult", async (call, id) => {
  const { id: job, state, result } = await findJob(call, id);
  if (state !== "finished" && state !== "finished_with_rejects") throw jobHasNoResult({ job, state });
  const response = typeof result === "object" && result !== null && "response" in result ? result.response : undefined;
  return [typeof response === "string" ? response : JSON.stringify(result)];
});
