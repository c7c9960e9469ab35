/** Tells a process from another that got the same pid later. */

import { readFileSync } from "node:fs";

import { readBootId } from "#foundation/boot-id.ts";

export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks between the machine's start and the process's; with the boot's id it never comes twice. */
  readonly startTicks: string;
  readonly bootId: string;
};

/** Who runs under a pid now; undefined when nobody does. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold anything; behind the last bracket come state, ppid, ...
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const isGone = fields[0] === "Z" || fields[0] === "X";
    return isGone ? undefined : { pid, startTicks: fields[19] ?? "", bootId: readBootId() ?? "" };
  } catch {
    return undefined;
  }
}

/** True when that very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Reads an identity from JSON; undefined when it is none. */
export function parseIdentity(raw: unknown): ProcessIdentity | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const { pid, startTicks, bootId } = raw as Record<string, unknown>;
  return typeof pid === "number" && typeof startTicks === "string" && typeof bootId === "string"
    ? { pid, startTicks, bootId }
    : undefined;
}
