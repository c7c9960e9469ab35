/** What `start`, `stop` and `restart` have in common: they name processes by a mask and ask the watchdog. */

import { command } from "#channels/control/control.ts";
import { locateHome } from "#foundation/home.ts";
import { parseTraceFilter } from "#foundation/log.ts";

import { missingArgument, unknownTraceType } from "./errors.ts";
import type { Arguments } from "./parse-arguments.ts";

const passedThrough = ["verbose", "tracefilter", "tracefile"];

/**
 * Asks the running watchdog to change processes, and says which it changed.
 * @returns the exit code
 * @throws platformNotRunning, commandRefused when nothing corresponds to the mask
 */
export async function controlProcesses(
  kind: "start" | "stop" | "restart",
  { words, flags }: Arguments,
): Promise<number> {
  const masks = words.length > 0 ? words : [];
  if (masks.length === 0) throw missingArgument({ command: kind, argument: "MODULE@INSTANCE" });
  const home = locateHome(process.env);
  const isImmediate = flags["immediate"] !== undefined;
  const args = readArgs(flags);
  for (const mask of masks) {
    const changed =
      kind === "stop"
        ? await command(home, { kind, mask, isImmediate })
        : await command(home, kind === "start" ? { kind, mask, args } : { kind, mask, args, isImmediate });
    if (flags["noconsole"] === undefined) print(kind, mask, changed);
  }
  return 0;
}

function print(kind: "start" | "stop" | "restart", mask: string, changed: readonly string[]): void {
  const done = { start: "started", stop: "stopped", restart: "restarted" }[kind];
  const lines = changed.length === 0 ? [`${mask} is running already`] : changed.map((name) => `${name} ${done}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Flags that the module itself reads, checked here so that the operator hears of a mistake. */
function readArgs(flags: Arguments["flags"]): string[] {
  const filter = flags["tracefilter"];
  const { unknown } = parseTraceFilter(typeof filter === "string" ? filter : "");
  if (unknown.length > 0) throw unknownTraceType({ unknown });
  return passedThrough.flatMap((name) => {
    const value = flags[name];
    if (value === undefined) return [];
    return [value === true ? `-${name}` : `-${name}:${value}`];
  });
}
