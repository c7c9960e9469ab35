/** Calls a method of an entity in the background. */

import { jobInterface } from "#schemas/job-interface.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { submitJob } from "./submit-job.ts";

/** @throws unknownMethod, jobCallInvalid, methodNotYet, rightMissing, tooManyJobs */
export const submit = defineEntityMethod(jobInterface, "Submit", async (call, document, methodName) => {
  const { id } = await submitJob(call, { service: call.target, method: methodName, document, readInputs: () => [] });
  return { outputs: [String(id)] };
});
