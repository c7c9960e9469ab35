/** Frees workflows whose runner on this host is dead, without waiting for the end of its lease. */

import { readFileSync } from "node:fs";

import { listOwners, releaseDead } from "#campaign/workflow/workflow-store.ts";
import type { Context } from "#foundation/module.ts";

/** Answers how many workflows were freed. A mistake costs nothing: a runner without its lease can no longer commit. */
export async function freeDeadOwners({ db, host, log }: Pick<Context, "db" | "host" | "log">): Promise<number> {
  const dead = (await listOwners(db, host)).filter((owner) => !isRunner(processIdOf(owner)));
  if (dead.length === 0) return 0;
  const workflows = await releaseDead(db, host, dead);
  log.warning("wfserver.dead_runners_found", { processes: dead.length, workflows });
  return workflows;
}

/** `context.processId` is `<host>:<pid>:<start>`. */
function processIdOf(owner: string): number {
  return Number(owner.split(":").at(-2));
}

/**
 * A number may have been given to another program since, and a dead process keeps its number until its parent asks for
 * it, which in a container may be never: the command line tells.
 */
function isRunner(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("runwf");
  } catch {
    return false;
  }
}
