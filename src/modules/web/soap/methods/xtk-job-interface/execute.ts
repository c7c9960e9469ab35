/** Calls a method of an entity as a job, and answers when it has ended. */

import { setTimeout as pause } from "node:timers/promises";

import { jobInterface } from "#schemas/job-interface.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { submitJob } from "./submit-job.ts";

/** What takes longer goes on as a job: its id is answered, and GetStatus tells how it goes. */
const longestWaitMs = 60_000;

/** @throws unknownMethod, jobCallInvalid, methodNotYet, rightMissing, tooManyJobs */
export const execute = defineEntityMethod(jobInterface, "Execute", async (call, document, methodName) => {
  const job = await submitJob(call, { service: call.target, method: methodName, document, readInputs: () => [] });
  await Promise.race([job.ended, pause(longestWaitMs, undefined, { ref: false })]);
  return { outputs: [String(job.id)] };
});
