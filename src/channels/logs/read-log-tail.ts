/** Reads the last lines of a module's log, as syslogd writes them. */

import { open } from "node:fs/promises";
import { join } from "node:path";

import type { Home } from "#foundation/home.ts";

export type LoggedLine = {
  readonly time: Date;
  readonly level: string;
  /** `mta.stat_unreachable`; the first word of what another program wrote. */
  readonly event: string;
  /** The event with its fields. */
  readonly message: string;
};

const tailBytes = 262_144;

/**
 * The end of `var/<instance>/log/<module>.log`, oldest first; nothing when there is no such file.
 * @param instance `default` for a module that serves the whole host
 */
export async function readLogTail(home: Home, instance: string, module: string): Promise<LoggedLine[]> {
  const text = await readEnd(join(home.var, instance, "log", `${module}.log`)).catch(() => "");
  return text.split("\n").flatMap(parseLine);
}

/** The value of a field of a line, such as `awaySec`; undefined when it has none. */
export function readLoggedField({ message }: LoggedLine, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}=("(?:[^"\\\\]|\\\\.)*"|\\S*)`).exec(message)?.[1];
  if (found === undefined || !found.startsWith('"')) return found;
  try {
    return String(JSON.parse(found));
  } catch {
    return found;
  }
}

async function readEnd(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(tailBytes), position: from });
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Half a line at the beginning of the tail is none. */
function parseLine(line: string): LoggedLine[] {
  const [time = "", , , , level = "", , message = ""] = line.split("\t");
  const at = new Date(time.replace(" ", "T"));
  return Number.isNaN(at.getTime()) || message === ""
    ? []
    : [{ time: at, level, event: message.split(" ", 1)[0] ?? "", message }];
}
