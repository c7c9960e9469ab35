/** The jobs that are being worked at. */

import { anElement } from "#protocols/soap/xml-element.ts";
import { jobInterface } from "#schemas/job-interface.ts";

import { defineMethod } from "../../define-method.ts";
import { listJobsInProcess } from "./list-jobs-in-process.ts";

export const getJobsInProcess = defineMethod(jobInterface, "GetJobsInProcess", async (call) => {
  const jobs = await listJobsInProcess(call);
  return [
    anElement(
      "jobs",
      {},
      ...jobs.map(({ id, label, processId, host }) => anElement("job", { id, label, pid: processId, hostName: host })),
    ),
  ];
});
