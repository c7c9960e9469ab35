/**
 * How every process lives: it starts, says that it is ready, shows a sign of life, and ends in an orderly way when it is
 * told to, when its parent is gone, or when its work is done. Exit codes: 0 orderly, 1 failed, 2 wrong arguments or settings.
 */

import { describeError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Running } from "./module.ts";

/** What a child process tells its parent over the IPC channel. */
export type ChildMessage =
  | { readonly kind: "starting" }
  | { readonly kind: "ready" }
  | { readonly kind: "heartbeat"; readonly memoryBytes: number; readonly lastError?: string }
  | { readonly kind: "failed"; readonly reason: string };

export const heartbeatIntervalMs = 5_000;

/** A module has this long to end before it is cut off; the watchdog kills a little later, at 30 s. */
export const orderlyStopMs = 28_000;

/** The watchdog ends after all others, whose time it shares out. */
export const platformStopMs = 39_500;

/** A module whose parent died must be gone 5 s later. */
export const orphanStopMs = 4_000;

export type Life = {
  /** Resolves with the exit code once the process has been told to end. */
  readonly ended: Promise<number>;
  /** Asks for an orderly end. */
  requestStop(exitCode: number): void;
  /** Tells the parent, if there is one. */
  tell(message: ChildMessage): void;
};

/**
 * Listens for the reasons to end: SIGTERM, SIGINT, a lost parent. A second SIGINT ends at once.
 * @param log where an uncaught error is written before the process ends with code 1
 */
export function beginLife(log: () => Log, lastError: () => string | undefined): Life {
  let requestStop = (_code: number): void => undefined;
  const ended = new Promise<number>((resolve) => {
    requestStop = resolve;
  });
  const isChild = process.send !== undefined;
  const tell = (message: ChildMessage): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };

  let interrupts = 0;
  process.on("SIGTERM", () => requestStop(0));
  process.on("SIGINT", () => {
    // In a terminal Ctrl-C reaches every process of the group; a child leaves the order of stopping to its parent.
    if (isChild) return;
    interrupts += 1;
    if (interrupts > 1) process.exit(130);
    requestStop(0);
  });
  process.on("SIGHUP", () => {
    if (!isChild) requestStop(0);
  });
  if (isChild) {
    process.on("disconnect", () => {
      setTimeout(() => process.exit(1), orphanStopMs).unref();
      requestStop(1);
    });
    const timer = setInterval(() => tell(heartbeat(lastError())), heartbeatIntervalMs);
    timer.unref();
  }
  const onDefect = (error: unknown): void => {
    log().error("process.uncaught_error", {
      reason: describeError(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    tell({ kind: "failed", reason: describeError(error) });
    // The line is on its way by UDP: one turn of the loop lets it leave.
    setTimeout(() => process.exit(1), 50);
  };
  process.on("uncaughtException", onDefect);
  process.on("unhandledRejection", onDefect);

  return { ended, requestStop: (code) => requestStop(code), tell };
}

/** Stops what runs, within the time given; says whether it ended by itself. */
export async function stopWithin(running: Running, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const isOrderly = await Promise.race([running.stop().then(() => true as const), tooLate]);
  clearTimeout(timer);
  return isOrderly;
}

const settledMs = 2_000;

/**
 * Gives back, once, the memory that starting took: 4 MB in each process, which an idle one would keep for good.
 * Does nothing where Node was started without `--expose-gc`.
 */
export function releaseStartMemory(): void {
  const collect = globalThis.gc;
  if (collect === undefined) return;
  setTimeout(() => collect({ type: "major", execution: "sync", flavor: "last-resort" }), settledMs).unref();
}

function heartbeat(lastError: string | undefined): ChildMessage {
  const memoryBytes = readResidentBytes();
  return lastError === undefined ? { kind: "heartbeat", memoryBytes } : { kind: "heartbeat", memoryBytes, lastError };
}

/** Without a file descriptor left it cannot be read, which is no reason to end. */
function readResidentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
