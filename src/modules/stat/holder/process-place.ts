/** Names a process so exactly that another one of the same kernel can tell for certain that it is gone. */

import { readFileSync, readlinkSync } from "node:fs";

import { readBootId } from "#foundation/boot-id.ts";

/** Boot of the machine, pid namespace, pid and start of the process; `unknown` where the system does not tell. */
export function describePlace(pid: number = process.pid): string {
  const state = readState(pid);
  const realm = readRealm();
  return state === undefined || realm === undefined ? "unknown" : `${realm} ${pid} ${state.start}`;
}

/** True when that process has surely ended; false for one of another machine, another boot or another container. */
export function isSurelyGone(place: string): boolean {
  const realm = readRealm();
  const [, pid = "", start = ""] = / (\d+) (\d+)$/.exec(place) ?? [];
  if (realm === undefined || place !== `${realm} ${pid} ${start}`) return false;
  if (!isThere(Number(pid))) return true;
  // One of another user may be there and not be shown.
  const state = readState(Number(pid));
  return state !== undefined && (state.start !== start || state.isDead);
}

/** What pids mean something in. */
function readRealm(): string | undefined {
  const bootId = readBootId();
  try {
    return bootId === undefined ? undefined : `${bootId} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** @source proc_pid_stat(5): the state is the third field, the start in ticks since boot the 22nd; a name may hold anything */
function readState(pid: number): { readonly start: string; readonly isDead: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { start: fields[19] ?? "", isDead: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return undefined;
  }
}
