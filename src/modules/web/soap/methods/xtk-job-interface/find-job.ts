/** Finds the job that a client asks about: his own, or any for an administrator. */

import { hasRight } from "#campaign/access/operator.ts";
import { type JobRecord, readJob } from "#campaign/transfer/call-job-store.ts";
import { unknownJob } from "#campaign/transfer/errors.ts";
import { closeInterruptedCalls } from "#campaign/transfer/start-call-job.ts";

import type { SoapCall } from "../../soap-call.ts";

/** @throws unknownJob */
export async function findJob(call: SoapCall, id: string): Promise<JobRecord> {
  const { operator } = await call.requireCaller();
  const { db } = call.context;
  await closeInterruptedCalls(call.context);
  const job = /^\s*\d{1,15}\s*$/.test(id) ? await readJob(db, Number(id)) : undefined;
  if (job === undefined || (job.createdBy !== operator.operatorId && !hasRight(operator, "admin")))
    throw unknownJob({ job: id });
  return job;
}
