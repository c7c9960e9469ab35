/** Decides which files a line is written to, and in which form. */

import type { LogLine } from "#channels/logs/log-datagram.ts";
import { isLogFileName } from "#channels/logs/log-file-name.ts";

export type Route = {
  readonly instance: string;
  /** Name of the file without `.log`. */
  readonly file: string;
  /** Day of a file of logons, `yy-mm-dd`. */
  readonly loginsDay?: string;
  /** In Classic's layout, without its end. */
  readonly text: string;
};

export type Arrival = {
  readonly receivedAt: Date;
  /** Address of a sender that is not on this host; it is shown in the line. */
  readonly source: string | undefined;
  readonly isInstance: (name: string) => boolean;
};

/** The file of what belongs nowhere else. */
export const unsortedFile = "syslog";

/** The instance of modules that serve all of them, and of other programs. */
export const commonInstance = "default";

const logonEvent = /^session\.logon/;

/** One route, or two for a logon, which is written to the day's file of logons as well. */
export function routeLine(line: LogLine, arrival: Arrival): readonly Route[] {
  const place = choosePlace(line, arrival);
  const text = formatLine(line, arrival);
  const main: Route = { ...place, text };
  if (line.kind !== "module" || line.module !== "web" || !logonEvent.test(line.event)) return [main];
  const loginsDay = arrival.receivedAt.toISOString().slice(2, 10);
  return [main, { instance: place.instance, file: "logins", loginsDay, text }];
}

function choosePlace(line: LogLine, { isInstance }: Arrival): Pick<Route, "instance" | "file"> {
  if (line.kind === "foreign") return { instance: commonInstance, file: fileOfProgram(line.tag) };
  // Any program of this host may claim to be a module: a name that none has leads to no folder and no file of its own.
  const file = line.traceFile ?? line.module;
  const isKnown = line.instance === commonInstance || isInstance(line.instance);
  return isKnown && isLogFileName(file)
    ? { instance: line.instance, file }
    : { instance: commonInstance, file: unsortedFile };
}

/** `/usr/sbin/cron` and `cron` write to the same file; a name that cannot be a file's leads to `syslog.log`. */
function fileOfProgram(tag: string): string {
  const name = tag.slice(tag.lastIndexOf("/") + 1).replaceAll(".", "_");
  return isLogFileName(name) ? name : unsortedFile;
}

/** `YYYY-MM-DD HH:MM:SS.mmmZ`, pid, thread, number of the line, level, type, message; tabs between them. */
function formatLine(line: LogLine, { receivedAt, source }: Arrival): string {
  const message = source === undefined ? line.message : `[${source}] ${line.message}`;
  const columns =
    line.kind === "module"
      ? [formatTime(line.time), line.pid, line.threadId, line.sequence, line.level, line.type, message]
      : [formatTime(receivedAt), line.pid, 0, 0, line.level, "syslog", message];
  return columns.join("\t");
}

/** The time as it stands in log lines: UTC with milliseconds. */
export function formatTime(time: Date): string {
  return time.toISOString().replace("T", " ");
}
