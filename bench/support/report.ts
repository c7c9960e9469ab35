/** How every bench reports: figures with machine and commit, and whether each bar holds. */

import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

export type Bar = { readonly name: string; readonly value: number; readonly bar: number; readonly holds: boolean };

/** A bar that a value must not exceed. */
export function atMost(name: string, value: number, bar: number): Bar {
  return { name, value, bar, holds: value <= bar };
}

/** A bar that a value must reach. */
export function atLeast(name: string, value: number, bar: number): Bar {
  return { name, value, bar, holds: value >= bar };
}

/** Prints the figures for people, and with `--json` one line for programs; exits 1 when a bar does not hold. */
export function report(
  question: string,
  figures: Readonly<Record<string, number | string>>,
  bars: readonly Bar[],
): void {
  const commit = readCommit();
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ question, commit, machine, figures, bars })}\n`);
  } else {
    process.stdout.write(`\n${question} at ${commit} on ${machine}\n\n`);
    for (const [name, value] of Object.entries(figures)) process.stdout.write(`  ${name.padEnd(44)} ${value}\n`);
    for (const { name, value, bar, holds } of bars)
      process.stdout.write(`  ${holds ? "holds" : "MISSED"}  ${name}: ${value} (bar ${bar})\n`);
  }
  process.exitCode = bars.every(({ holds }) => holds) ? 0 : 1;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function readCommit(): string {
  try {
    const isDirty = execFileSync("git", ["status", "--porcelain"], { encoding: "utf8" }).trim() !== "";
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim() + (isDirty ? "+" : "");
  } catch {
    return "unknown";
  }
}
