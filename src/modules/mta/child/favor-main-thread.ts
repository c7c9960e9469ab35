/** Which of a child's threads run first where processors are rare. */

import { readdirSync, readFileSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

const tasks = "/proc/self/task";
/** As libuv calls the threads that sign, and that write the journal. */
const workerName = "libuv-worker";
const stepsNicer = 10;

/**
 * Has the threads that sign wait for the one that speaks to servers. Left alone they take the processor from it as soon as they have
 * enough to do: what they have signed does not leave, nothing further comes to be signed, and in the end they have nothing to do
 * (docs/decisions/0054). Does nothing where the system does not name its threads (other than Linux), or has not started them.
 * @returns how many threads
 */
export function favorMainThread(): number {
  const niceness = Math.min(constants.priority.PRIORITY_LOW, getPriority() + stepsNicer);
  const workers = listThreads().filter((thread) => nameOf(thread) === workerName);
  let lowered = 0;
  for (const thread of workers) {
    try {
      setPriority(thread, niceness);
      lowered += 1;
    } catch {
      // It has ended, or the system does not let us: then it is as before.
    }
  }
  return lowered;
}

function listThreads(): number[] {
  try {
    return readdirSync(tasks).map(Number);
  } catch {
    return [];
  }
}

function nameOf(thread: number): string | undefined {
  try {
    return readFileSync(`${tasks}/${thread}/comm`, "utf8").trim();
  } catch {
    return undefined;
  }
}
