/** How much the whole machine has worked: what is not a bench's own was somebody else's. */

import { readFileSync } from "node:fs";

const ticksPerSec = 100;

/** Processor seconds that all programs of the machine, and its kernel, have used since it started. */
export function readBusySec(): number {
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = readFileSync("/proc/stat", "latin1")
    .slice("cpu ".length, 200)
    .trim()
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + interrupts + softInterrupts) / ticksPerSec;
}
