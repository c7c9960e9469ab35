/** Calls a method of an entity as a job, and answers when it has ended. */

import { jobInterface } from "#schemas/job-interface.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { submitJob } from "./submit-job.ts";

/** @throws unknownMethod, jobCallInvalid, methodNotYet, rightMissing, tooManyJobs */
export const execute = defineEntityMethod(jobInterface, "Execute", async (call, document, methodName) => {
  const job = await submitJob(call, { service: call.target, method: methodName, document, readInputs: () => [] });
  await job.ended;
  return { outputs: [String(job.id)] };
});
