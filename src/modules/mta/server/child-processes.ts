/** The mtachild processes of this server: starts them as they are needed, and ends them. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { programFolder } from "#foundation/home.ts";
import type { Context } from "#foundation/module.ts";

export type ChildProcesses = {
  readonly count: number;
  /** Starts so many at once. */
  startAtOnce(count: number): void;
  /** Starts one more, unless the last one was started less than a second ago, or they keep dying. */
  startOne(): void;
  /** Has them end after the messages under way; kills what is left at the limit. */
  stop(limitMs: number): Promise<void>;
};

const betweenStartsMs = 1_000;
const earlyDeathMs = 10_000;
const longestPauseMs = 60_000;
/**
 * A child makes much garbage that is short-lived, and keeps some 20 MB: left alone, V8 gives it 128 MB to make it in, and lets the old
 * part grow to four times what is alive. Half of the first limit costs a tenth more processor time, twice of it only memory; the second
 * also says how soon the old part is cleared.
 */
const youngMemoryMb = 16;
const oldMemoryMb = 512;

/**
 * Keeps the list of running children.
 * @param onExit called each time one has ended
 */
export function runChildProcesses(context: Context, onExit: () => void): ChildProcesses {
  const { log, clock } = context;
  const running = new Set<ChildProcess>();
  let nextStartMs = 0;
  let earlyDeaths = 0;
  let isStopping = false;
  let whenEmpty = (): void => undefined;

  const noteExit = (
    child: ChildProcess,
    startedMs: number,
    code: number | null,
    signal: NodeJS.Signals | null,
  ): void => {
    if (!running.delete(child)) return;
    const isOrderly = code === 0;
    const livedMs = clock.elapsedMs() - startedMs;
    if (isOrderly || livedMs > earlyDeathMs) earlyDeaths = 0;
    else {
      // A child that dies at once again and again will do so once more: the pauses between starts grow to a minute.
      earlyDeaths += 1;
      nextStartMs = clock.elapsedMs() + Math.min(longestPauseMs, betweenStartsMs * 2 ** Math.max(0, earlyDeaths - 2));
    }
    const fields = { pid: child.pid, code, signal, livedMs: Math.round(livedMs) };
    if (isOrderly || isStopping) log.info("mta.child_ended", fields);
    else log.warning("mta.child_died", fields);
    if (running.size === 0) whenEmpty();
    onExit();
  };

  const start = (): void => {
    nextStartMs = clock.elapsedMs() + betweenStartsMs;
    const startedMs = clock.elapsedMs();
    const child = spawn(process.execPath, childArguments(context), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: join(context.home.var, "compile-cache") },
    });
    running.add(child);
    child.once("exit", (code, signal) => noteExit(child, startedMs, code, signal));
    child.once("error", () => noteExit(child, startedMs, null, null));
    log.info("mta.child_started", { pid: child.pid, children: running.size });
  };

  return {
    get count() {
      return running.size;
    },
    startAtOnce: (count) => {
      for (let started = 0; started < count; started += 1) start();
    },
    startOne: () => {
      if (!isStopping && clock.elapsedMs() >= nextStartMs) start();
    },
    stop: async (limitMs) => {
      isStopping = true;
      if (running.size === 0) return;
      const empty = new Promise<void>((resolve) => {
        whenEmpty = resolve;
      });
      for (const child of running) child.kill("SIGTERM");
      const timer = setTimeout(() => {
        for (const child of running) child.kill("SIGKILL");
      }, limitMs);
      await empty;
      clearTimeout(timer);
    },
  };
}

/** The child logs as its parent does. */
function childArguments({ instance, flags }: Context): string[] {
  const passed = ["verbose", "tracefilter", "tracefile", "detach", "noconsole"].flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [value === true ? `-${name}` : `-${name}:${value}`];
  });
  return [
    "--disable-warning=ExperimentalWarning",
    `--max-semi-space-size=${youngMemoryMb}`,
    `--max-old-space-size=${oldMemoryMb}`,
    join(programFolder, "src/cli/main.ts"),
    "mtachild",
    `-instance:${instance}`,
    ...passed,
  ];
}
