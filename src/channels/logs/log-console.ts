/** What an operator sees of a module that runs in the foreground: Classic's `HH:MM:SS > text`. */

import { type LogLevel, type LogRecord, renderRecord } from "#foundation/log.ts";

const marks: Readonly<Record<LogLevel, string>> = { error: ">>>", warning: ">>", info: ">", verbose: ">" };

/**
 * One line in Classic's console form: `>` information, `>>` warning, `>>>` error, after the local time.
 * @returns the line without its end
 */
export function renderForConsole(record: LogRecord): string {
  const { time } = record;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return `${clock} ${marks[record.level]} ${renderRecord(record)}`;
}

/** Prints a record; errors and warnings to stderr. A console that was closed is no reason to fail. */
export function printRecord(record: LogRecord): void {
  const stream = record.level === "error" || record.level === "warning" ? process.stderr : process.stdout;
  if (stream.listenerCount("error") === 0) stream.on("error", () => undefined);
  if (stream.writable) stream.write(`${renderForConsole(record)}\n`);
}
