/** What a process and its children have used, read from /proc. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ticksPerSec = 100;

/** Processor seconds of a process, of its children, and of those of them that have ended. */
export function readCpuSec(pid: number): number {
  const ticks = [pid, ...listChildren(pid)].reduce((sum, each) => {
    const words = read(each, "stat").split(") ")[1]?.split(" ") ?? [];
    return sum + [11, 12, 13, 14].reduce((used, index) => used + Number(words[index] ?? 0), 0);
  }, 0);
  return ticks / ticksPerSec;
}

/** The process that started another one. */
export function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(read(pid, "status"))?.[1] ?? 0);
}

/** The first process below another one that runs this program; 0 when there is none. */
export function findBelow(pid: number, program: string): number {
  for (const child of listChildren(pid)) {
    const found = read(child, "comm").startsWith(program) ? child : findBelow(child, program);
    if (found !== 0) return found;
  }
  return 0;
}

/** The most memory that any child of a process has had, in MB. */
export function readMostMemoryMb(pid: number): number {
  return Math.round(Math.max(0, ...listChildren(pid).map(readPeakKb)) / 1_024);
}

/** The most memory that a process and its children have had, added up, in MB. */
export function sumMostMemoryMb(pid: number): number {
  return Math.round([pid, ...listChildren(pid)].reduce((sum, each) => sum + readPeakKb(each), 0) / 1_024);
}

function readPeakKb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(read(pid, "status"))?.[1] ?? 0);
}

function listChildren(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => new RegExp(`^PPid:\\s+${pid}$`, "m").test(read(each, "status")));
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(join("/proc", String(pid), file), "utf8");
  } catch {
    return "";
  }
}
