/** How far a job is, and what its journal has got since. */

import { type JobLine, type JobRecord, listJobLines } from "#campaign/transfer/call-job-store.ts";
import type { JobState } from "#campaign/transfer/job.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import { jobStatuses } from "#schemas/codes.ts";
import { jobInterface } from "#schemas/job-interface.ts";

import { defineMethod } from "../../define-method.ts";
import { findJob } from "./find-job.ts";

const mostLines = 1_000;

const statuses: { readonly [S in JobState]: number } = {
  edited: jobStatuses.edited,
  running: jobStatuses.running,
  canceling: jobStatuses.canceling,
  canceled: jobStatuses.canceled,
  finished: jobStatuses.finished,
  finished_with_rejects: jobStatuses.finished,
  failed: jobStatuses.error,
  interrupted: jobStatuses.error,
  pausing: jobStatuses.pausePending,
  paused: jobStatuses.paused,
};

const logTypes = { info: 0, warning: 1, error: 2 } as const;

/** @throws unknownJob */
export const getStatus = defineMethod(jobInterface, "GetStatus", async (call, id, lastLogId, maxLogCount) => {
  // The state first: a job that has ended writes nothing more, so that no line is missed.
  const job = await findJob(call, id);
  const limit = maxLogCount > 0 ? Math.min(maxLogCount, mostLines) : mostLines;
  const lines = await listJobLines(call.context.db, job.id, lastLogId, limit);
  return [statuses[job.state], anElement("logs", {}, ...lines.map(writeLine)), writeProperties(job)];
});

function writeLine({ id, level, logged, message }: JobLine): XmlElement {
  return anElement("log", {
    id,
    iRc: level === "error" ? 1 : 0,
    logDate: logged.toISOString().replace("T", " "),
    logType: logTypes[level],
    message,
    object: "",
  });
}

function writeProperties({ hasWarning, progressCurrent, progressMax }: JobRecord): XmlElement {
  return anElement(
    "properties",
    { warning: hasWarning ? 1 : 0 },
    anElement("progress", { current: progressCurrent, max: progressMax }),
  );
}
