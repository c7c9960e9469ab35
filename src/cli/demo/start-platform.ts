/** Brings the platform up for the demo, or joins the one that runs already. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { isPlatformRunning, readStatus } from "#channels/control/control.ts";
import { pause } from "#foundation/clock.ts";
import { type Home, programFolder } from "#foundation/home.ts";

import { platformDidNotStart } from "./errors.ts";

export type Platform = {
  /** False when it ran before: then it is not ours to stop. */
  readonly isOurs: boolean;
  /** Resolves when the platform has ended by itself. */
  readonly ended: Promise<void>;
  /** Stops it in an orderly way, if it is ours. */
  stop(): Promise<void>;
};

const startLimitMs = 90_000;

/**
 * Starts the watchdog below this process and waits until every module is ready.
 * @param report called with the number of processes that are ready, and of all
 * @throws platformDidNotStart with what the watchdog said
 */
export async function startPlatform(
  home: Home,
  environment: NodeJS.ProcessEnv,
  report: (ready: number, all: number) => void,
): Promise<Platform> {
  if (await isPlatformRunning(home)) {
    return { isOurs: false, ended: new Promise(() => undefined), stop: () => Promise.resolve() };
  }
  const child = spawn(
    process.execPath,
    [...process.execArgv, join(programFolder, "src/cli/main.ts"), "watchdog", "-noconsole"],
    {
      env: { ...process.env, ...environment, POSTRIDER_HOME: home.root },
      // The channel ties its life to ours: when we are gone, however, it stops everything and ends.
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    },
  );
  const said: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  };
  const problem = await waitUntilReady(home, child, report);
  if (problem !== undefined) {
    await stop();
    throw platformDidNotStart({
      said:
        said
          .join("")
          .trim()
          .replace(/^postrider: /, "") || problem,
    });
  }
  return { isOurs: true, ended, stop };
}

/** Resolves when every module is ready, or with what keeps them from it. */
async function waitUntilReady(
  home: Home,
  child: ChildProcess,
  report: (ready: number, all: number) => void,
): Promise<string | undefined> {
  const end = performance.now() + startLimitMs;
  for (;;) {
    const status = await readStatus(home).catch(() => undefined);
    if (status !== undefined) {
      const wanted = status.processes.filter((entry) => entry.isAutoStart);
      report(wanted.filter((entry) => entry.state === "ready").length, wanted.length);
      if (status.phase === "ready") return undefined;
    }
    if (child.exitCode !== null) return "the watchdog ended";
    if (performance.now() > end)
      return `not ready after ${startLimitMs / 1000} s; missing: ${status?.missing.join(", ") ?? "everything"}`;
    await pause(100);
  }
}
