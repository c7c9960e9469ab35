/** Runs a module as the process that it is, for tests that kill it. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { type Home, programFolder } from "#foundation/home.ts";

import { compileCache } from "./compile-cache.ts";
import type { Ending } from "./endings.ts";

export type ModuleProcess = {
  readonly pid: number;
  /** Resolves once the module said that it is ready; rejects with what it printed when it ended instead. */
  readonly ready: Promise<void>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Exit code, null after a signal, and everything that was printed to stderr. */
  readonly ended: Promise<{ code: number | null; errors: string; durationMs: number }>;
};

/**
 * Starts `postrider <words>`; it is killed at the end of the test.
 * @param environment settings, such as `POSTRIDER_SYSLOGD_PORT`
 */
export function startModule(
  t: Ending,
  home: Home,
  words: readonly string[],
  environment: Record<string, string> = {},
): ModuleProcess {
  const startedMs = performance.now();
  const child: ChildProcess = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(programFolder, "src/cli/main.ts"), ...words, "-detach"],
    {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { PATH: process.env["PATH"], ...compileCache, POSTRIDER_HOME: home.root, ...environment },
    },
  );
  let errors = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    errors += bytes.toString("utf8");
  });
  const ended = once(child, "close").then(([code]) => ({
    code: code as number | null,
    errors,
    durationMs: performance.now() - startedMs,
  }));
  const ready = new Promise<void>((resolve, reject) => {
    child.on("message", (message: { kind?: string }) => {
      if (message.kind === "ready") resolve();
    });
    void ended.then(({ code }) => reject(new Error(`${words.join(" ")} ended with ${code}: ${errors}`)));
  });
  // A test that expects the end does not wait for the start.
  ready.catch(() => undefined);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  t.after(() => end("SIGKILL"));
  return { pid: child.pid ?? 0, ready, end, ended };
}
