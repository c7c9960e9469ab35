/** `postrider pdump`: lists the processes as Classic does, with `-who` also the sessions and the database connections. */

import { listProcesses } from "#channels/control/control.ts";
import type { ProcessEntry } from "#channels/control/control-messages.ts";
import { type Home, locateHome } from "#foundation/home.ts";
import { isPostriderError } from "#foundation/errors.ts";

import { printBanner } from "./banner.ts";
import type { VerbRun } from "./verb.ts";

const bytesPerMb = 1_048_576;

/** Prints one line a process, such as `web@default (9984) - 50.1 MB`, or `No tasks`. */
export const pdump: VerbRun = async ({ flags }) => {
  const home = locateHome(process.env);
  const processes = await list(home);
  printBanner(flags);
  const running = processes.filter(({ pid }) => pid !== undefined);
  process.stdout.write(
    running.length === 0 ? "No tasks\n" : running.map((entry) => `${describeProcess(entry)}\n`).join(""),
  );
  if (flags["who"] !== undefined && running.length > 0) {
    const { describeConnections } = await import("./describe-connections.ts");
    process.stdout.write(await describeConnections(home));
  }
  return 0;
};

/** The line of one process; the watchdog has no instance. */
export function describeProcess({ module, instance, pid, memoryBytes }: ProcessEntry): string {
  const name = module === "watchdog" ? module : `${module}@${instance}`;
  return `${name} (${pid}) - ${(memoryBytes / bytesPerMb).toFixed(1)} MB`;
}

/** A platform that does not run has no tasks. */
async function list(home: Home): Promise<readonly ProcessEntry[]> {
  try {
    return await listProcesses(home);
  } catch (error) {
    if (isPostriderError(error) && error.code === "CTL-100001") return [];
    throw error;
  }
}
