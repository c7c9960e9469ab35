/** Whether a process works at a job. */

import { jobInterface } from "#schemas/job-interface.ts";

import { defineMethod } from "../../define-method.ts";
import { listJobsInProcess } from "./list-jobs-in-process.ts";

export const checkIfJobInProcess = defineMethod(
  jobInterface,
  "CheckIfJobInProcess",
  async (call, processId, hostName) => [
    (await listJobsInProcess(call)).some(
      (job) => job.processId === processId && (hostName === "" || job.host === hostName),
    ),
  ],
);
