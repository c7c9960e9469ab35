/** Finds the processes that a module started itself, such as mtachild: they are the module's to stop, but the operator's to see. */

import { readFileSync } from "node:fs";

import type { ProcessEntry } from "#channels/control/control-messages.ts";

import type { PlannedProcess } from "./plan-processes.ts";

const bytesPerKb = 1_024;

/** The children of a module's process that run a module themselves. */
export function findDescendants(pid: number, parent: PlannedProcess): ProcessEntry[] {
  return readChildren(pid).flatMap((child) => {
    const module = readModule(child);
    if (module === undefined) return [];
    return [
      {
        module,
        instance: parent.instance,
        pid: child,
        memoryBytes: residentBytes(child) ?? 0,
        restarts: 0,
        state: "ready",
        isAutoStart: false,
        parent: parent.name,
      } satisfies ProcessEntry,
      ...findDescendants(child, parent),
    ];
  });
}

/** Resident memory of a process; undefined when it is gone. */
export function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * bytesPerKb;
}

function readChildren(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

/** The word behind `src/cli/main.ts` on the command line. */
function readModule(pid: number): string | undefined {
  const words = read(`/proc/${pid}/cmdline`).split("\0");
  const place = words.findIndex((word) => word.endsWith("/src/cli/main.ts"));
  return place < 0 ? undefined : words[place + 1];
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
