/** Keeps one process running: starts it, listens to its signs of life, and starts it again when it ends without being asked to. */

import type { ChildProcess } from "node:child_process";

import type { ProcessState } from "#channels/control/control-messages.ts";
import type { Clock } from "#foundation/clock.ts";
import { describeError } from "#foundation/errors.ts";
import type { ChildMessage } from "#foundation/lifecycle.ts";

import { parseChildMessage } from "./child-message.ts";
import { collectOutput, type Output } from "./collect-output.ts";
import type { Narration } from "./narrate.ts";
import type { PlannedProcess } from "./plan-processes.ts";
import { provenUpMs, restartDelayMs } from "./restart-delay.ts";
import type { Launch, RestartReason, Supervised } from "./supervised.ts";
import { type MemoryLevel, nextMemoryLevel } from "./watch-memory.ts";

/** An orderly end may take this long. */
export const stopLimitMs = 30_000;

const lastWordsMs = 100;

type Live = {
  readonly child: ChildProcess;
  readonly output: Output;
  readonly startedAt: Date;
  readonly startedMs: number;
  lastSignMs: number;
  memoryBytes: number;
  memoryLevel: MemoryLevel;
  failure: string | undefined;
};

/** Supervises a process that is not started yet. */
export function superviseProcess(
  planned: PlannedProcess,
  {
    launch,
    clock,
    narration,
    silenceLimitMs,
  }: {
    launch: Launch;
    clock: Clock;
    narration: Narration;
    /** A process that gives no sign of life for this long hangs. */
    silenceLimitMs: number;
  },
): Supervised {
  let plan = planned;
  let live: Live | undefined;
  let state: ProcessState = "stopped";
  let isWanted = false;
  let args: readonly string[] = [];
  let restarts = -1;
  let deaths = 0;
  let plannedRestart: RestartReason["why"] | undefined;
  let lastError: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastCheckMs = clock.elapsedMs();
  let changed = Promise.withResolvers<void>();

  const enter = (next: ProcessState): void => {
    state = next;
    changed.resolve();
    changed = Promise.withResolvers();
  };

  const when = async (isTrue: () => boolean): Promise<void> => {
    for (;;) {
      if (isTrue()) return;
      await changed.promise;
    }
  };

  /** A machine without memory or processes left refuses at once, and may not do so later. */
  const launchOrWait = (): ChildProcess | undefined => {
    try {
      return launch(plan, args);
    } catch (error) {
      deaths += 1;
      lastError = describeError(error);
      narration.error(`${plan.name} cannot be started: ${lastError}`, "watchdog.launch_failed", {
        process: plan.name,
        reason: lastError,
      });
      enter("waiting");
      timer = setTimeout(launchNow, restartDelayMs(deaths));
      return undefined;
    }
  };

  const launchNow = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const child = launchOrWait();
    if (child === undefined) return;
    const own: Live = {
      child,
      output: collectOutput([child.stdout, child.stderr], (line, leftOut) =>
        narration.log.warning("watchdog.output", { process: plan.name, line, leftOut: leftOut || undefined }),
      ),
      startedAt: clock.now(),
      startedMs: clock.elapsedMs(),
      lastSignMs: clock.elapsedMs(),
      memoryBytes: 0,
      memoryLevel: "calm",
      failure: undefined,
    };
    live = own;
    restarts += 1;
    let isOver = false;
    const end = (how: string): void => {
      if (isOver) return;
      isOver = true;
      onEnd(own, how);
    };
    child.on("message", (raw) => onMessage(own, parseChildMessage(raw)));
    child.on("exit", (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      // What it printed last may still be on its way, but a process of its own can hold the pipe open.
      child.once("close", () => end(how));
      setTimeout(() => end(how), lastWordsMs);
    });
    // Raised when it cannot be started at all; a failed kill or send is raised here too and ends nothing.
    child.on("error", (error) => {
      if (child.pid === undefined) end(error.message);
    });
    narration.info(
      `Running task '${plan.name}' ('${["postrider", ...child.spawnargs.slice(child.spawnargs.indexOf(plan.module))].join(" ")}') in a new process`,
      "watchdog.process_started",
      { process: plan.name, pid: child.pid, restarts },
    );
    enter("starting");
  };

  const onMessage = (own: Live, message: ChildMessage | undefined): void => {
    if (own !== live || message === undefined) return;
    own.lastSignMs = clock.elapsedMs();
    if (message.kind === "failed") own.failure = message.reason;
    if (message.kind === "ready" && state === "starting") {
      const durationMs = Math.round(own.lastSignMs - own.startedMs);
      narration.info(`${plan.name} is ready (pid=${own.child.pid}, ${durationMs} ms)`, "watchdog.process_ready", {
        process: plan.name,
        pid: own.child.pid,
        durationMs,
      });
      enter("ready");
    }
    if (message.kind === "heartbeat") {
      if (message.lastError !== undefined) lastError = message.lastError;
      checkMemory(own, message.memoryBytes);
    }
  };

  const checkMemory = (own: Live, memoryBytes: number): void => {
    const level = nextMemoryLevel(own.memoryLevel, memoryBytes, plan.memory);
    const isHigher = level !== own.memoryLevel && level !== "calm" && own.memoryLevel !== "alert";
    own.memoryBytes = memoryBytes;
    own.memoryLevel = level;
    if (!isHigher || state === "stopping") return;
    const memoryMb = Math.round(memoryBytes / 1_048_576);
    const fields = { process: plan.name, pid: own.child.pid, memoryMb };
    if (level === "warning") {
      narration.warning(`${plan.name} holds ${memoryMb} MB of memory`, "watchdog.memory_warning", fields);
    } else {
      narration.error(`${plan.name} holds ${memoryMb} MB of memory and is restarted`, "watchdog.memory_alert", fields);
      lastError = `restarted at ${memoryMb} MB of memory`;
      void restart({ why: "memory" });
    }
  };

  const onEnd = (own: Live, how: string): void => {
    live = undefined;
    const upMs = clock.elapsedMs() - own.startedMs;
    const why = plannedRestart;
    plannedRestart = undefined;
    if (!isWanted) {
      narration.info(`${plan.name} stopped`, "watchdog.process_stopped", {
        process: plan.name,
        pid: own.child.pid,
        how,
      });
      enter("stopped");
      return;
    }
    // What an operator or the clock asked for is no death; memory that fills again and again is one.
    const isDeath = why === undefined || why === "memory";
    if (upMs >= provenUpMs || !isDeath) deaths = 0;
    if (isDeath) deaths += 1;
    const delayMs = isDeath ? restartDelayMs(deaths) : 0;
    if (why === undefined) {
      const said = own.failure ?? own.output.lastLines().findLast((line) => line.trim() !== "");
      lastError = said === undefined ? how : `${how}: ${said}`;
      narration.error(
        `${plan.name}${own.child.pid === undefined ? "" : ` (pid=${own.child.pid})`} ended: ${lastError}; next start ${delayMs === 0 ? "now" : `in ${delayMs / 1_000} s`}`,
        "watchdog.process_ended",
        { process: plan.name, pid: own.child.pid, reason: lastError, upMs: Math.round(upMs), nextStartInMs: delayMs },
      );
    }
    enter("waiting");
    timer = setTimeout(launchNow, delayMs);
  };

  const terminate = async (isImmediate: boolean, limitMs: number): Promise<void> => {
    const own = live;
    if (own === undefined) return;
    enter("stopping");
    narration.info(`Stop requested: ${plan.name} (pid=${own.child.pid})`, "watchdog.stop_requested", {
      process: plan.name,
      pid: own.child.pid,
      isImmediate,
    });
    own.child.kill(isImmediate ? "SIGKILL" : "SIGTERM");
    const tooLong = setTimeout(() => {
      narration.warning(
        `${plan.name} does not end within ${limitMs / 1_000} s and is killed`,
        "watchdog.process_killed",
        {
          process: plan.name,
          pid: own.child.pid,
        },
      );
      own.child.kill("SIGKILL");
    }, limitMs);
    await when(() => live !== own);
    clearTimeout(tooLong);
  };

  const restart = async ({ why, isImmediate = false, args: given }: RestartReason): Promise<void> => {
    if (given !== undefined) args = given;
    isWanted = true;
    if (live === undefined) {
      deaths = 0;
      launchNow();
      return;
    }
    plannedRestart = why;
    const before = live;
    await terminate(isImmediate, stopLimitMs);
    await when(() => !isWanted || (live !== undefined && live !== before));
  };

  return {
    get plan() {
      return plan;
    },
    replan: (next) => {
      plan = next;
    },
    hold: (reason) => {
      isWanted = true;
      lastError = reason;
      if (live === undefined && timer === undefined) enter("waiting");
    },
    start: (given) => {
      if (given !== undefined) args = given;
      isWanted = true;
      if (live !== undefined) return;
      deaths = 0;
      launchNow();
    },
    stop: async ({ isImmediate, limitMs = stopLimitMs }) => {
      isWanted = false;
      plannedRestart = undefined;
      clearTimeout(timer);
      timer = undefined;
      if (live === undefined) enter("stopped");
      else await terminate(isImmediate, limitMs);
    },
    restart,
    untilReady: async (limitMs) => {
      let limit: NodeJS.Timeout | undefined;
      const tooLate = new Promise<void>((resolve) => {
        limit = setTimeout(resolve, limitMs);
      });
      await Promise.race([when(() => state === "ready" || state === "stopped"), tooLate]);
      clearTimeout(limit);
      return state === "ready";
    },
    checkLife: () => {
      const now = clock.elapsedMs();
      // Had the watchdog itself been stopped, the others' signs of life would still wait to be read.
      const wasAsleep = now - lastCheckMs > 5_000;
      lastCheckMs = now;
      if (live === undefined) return;
      if (wasAsleep) live.lastSignMs = now;
      if (now - live.lastSignMs < silenceLimitMs) return;
      live.failure = `no sign of life for ${silenceLimitMs / 1_000} s`;
      live.child.kill("SIGKILL");
    },
    isWanted: () => isWanted,
    entry: () => ({
      module: plan.module,
      instance: plan.instance,
      memoryBytes: live?.memoryBytes ?? 0,
      restarts: Math.max(0, restarts),
      state,
      isAutoStart: plan.isAutoStart,
      ...(live?.child.pid === undefined ? {} : { pid: live.child.pid }),
      ...(live === undefined ? {} : { startedAt: live.startedAt.toISOString() }),
      ...(lastError === undefined ? {} : { lastError }),
    }),
  };
}
