/** Tells one start of the machine from the next: what was written and not flushed before is gone after a power cut. */

import { readFileSync } from "node:fs";

/** The id of the machine's present start; undefined where the system has none. Containers share it with their host. */
export function readBootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
}
