/** `postrider status`: what runs, for people and for service managers. */

import { readStatus } from "#channels/control/control.ts";
import type { PlatformStatus, ProcessEntry } from "#channels/control/control-messages.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { listInstances, locateHome } from "#foundation/home.ts";
import { table } from "#foundation/text-table.ts";

import type { VerbRun } from "./verb.ts";

/** Prints a table. Exit codes as Classic's service script: 0 all running, 1 some missing, 2 none. */
export const status: VerbRun = async ({ flags }) => {
  const found = await find();
  if (flags["noconsole"] === undefined)
    process.stdout.write(found === undefined ? "Postrider is not running\n" : await describe(found));
  if (found === undefined) return 2;
  return found.missing.length === 0 ? 0 : 1;
};

async function find(): Promise<PlatformStatus | undefined> {
  try {
    return await readStatus(locateHome(process.env));
  } catch (error) {
    if (isPostriderError(error) && error.code === "CTL-100001") return undefined;
    throw error;
  }
}

async function describe(found: PlatformStatus): Promise<string> {
  const header = ["process", "state", "pid", "memory", "up since", "restarts", "last error"];
  const rows = found.processes.map(describeRow);
  const databases = found.databases.map(
    ({ instance, kind, where, isReady, problem }) =>
      `database of ${instance}: ${kind}, ${where}, ${isReady ? "ready" : (problem ?? "away")}`,
  );
  const home = locateHome(process.env);
  const { describeStats } = await import("./survey-instance-stat.ts");
  const stats = found.phase === "ready" ? await describeStats(home, listInstances(home)) : [];
  const missing = found.missing.length === 0 ? [] : [`missing: ${found.missing.join(", ")}`];
  return `${[`Postrider ${found.version} is ${found.phase} (pid ${found.pid})`, "", table([header, ...rows]), "", ...databases, ...stats, ...missing].join("\n")}\n`;
}

function describeRow(entry: ProcessEntry): string[] {
  return [
    `${entry.parent === undefined ? "" : "  "}${entry.module}@${entry.instance}`,
    entry.state,
    String(entry.pid ?? ""),
    entry.pid === undefined ? "" : `${Math.round(entry.memoryBytes / 1_048_576)} MB`,
    entry.startedAt?.replace("T", " ").slice(0, 19) ?? "",
    String(entry.restarts),
    (entry.lastError ?? "").slice(0, 160),
  ];
}
