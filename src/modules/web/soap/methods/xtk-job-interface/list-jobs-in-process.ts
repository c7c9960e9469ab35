/** The jobs that are being worked at, as far as a caller may know of them. */

import { hasRight } from "#campaign/access/operator.ts";
import { type JobRecord, listLiveJobs } from "#campaign/transfer/call-job-store.ts";
import { closeInterruptedCalls } from "#campaign/transfer/start-call-job.ts";

import type { SoapCall } from "../../soap-call.ts";

const most = 1_000;

/** His own; all of them for an administrator. */
export async function listJobsInProcess(call: SoapCall): Promise<JobRecord[]> {
  const { operator } = await call.requireCaller();
  await closeInterruptedCalls(call.context);
  return listLiveJobs(call.context.db, hasRight(operator, "admin") ? undefined : operator.operatorId, most);
}
