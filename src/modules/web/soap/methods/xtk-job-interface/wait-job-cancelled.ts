/** Waits until a job has ended, for a while. */

import { pause } from "#foundation/clock.ts";
import { jobInterface } from "#schemas/job-interface.ts";

import { defineMethod } from "../../define-method.ts";
import { findJob } from "./find-job.ts";

const longestSec = 60;
const pollMs = 200;

/** @throws unknownJob */
export const waitJobCancelled = defineMethod(jobInterface, "WaitJobCancelled", async (call, id, timeoutSec) => {
  const { clock } = call.context;
  const deadlineMs = clock.elapsedMs() + Math.min(Math.max(timeoutSec, 0), longestSec) * 1_000;
  for (;;) {
    const { state } = await findJob(call, id);
    if ((state !== "running" && state !== "canceling") || clock.elapsedMs() >= deadlineMs) return [];
    await pause(pollMs);
  }
});
