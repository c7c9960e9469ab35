/** The runner processes of this server: one `runwf` for each workflow that has something to do. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { programFolder } from "#foundation/home.ts";
import type { Context } from "#foundation/module.ts";

export type Runners = {
  /** Starts a runner, unless there is one, or the last one has just died. */
  run(workflowId: number): void;
  has(workflowId: number): boolean;
  readonly count: number;
  /** Ends a workflow's runner at once. */
  cutOff(workflowId: number): void;
  /** Ends all runners in an orderly way, and waits for them; kills what is left at the limit. */
  stop(limitMs: number): Promise<void>;
};

type Runner = { readonly child: ChildProcess; readonly ended: Promise<void> };

const passedThrough = ["verbose", "tracefilter", "tracefile"];

/**
 * Keeps the runners.
 * @param onEnd called after each end, since there may be something to do again
 */
export function keepRunners(
  context: Pick<Context, "instance" | "log" | "flags" | "clock">,
  onEnd: (delayMs: number) => void,
): Runners {
  const running = new Map<number, Runner>();
  const deaths = new Map<number, { count: number; notBeforeMs: number }>();

  const start = (workflowId: number): Runner => {
    const child = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        join(programFolder, "src/cli/main.ts"),
        "runwf",
        ...argumentsOf(context, workflowId),
      ],
      { stdio: ["ignore", "inherit", "inherit", "ipc"], env: process.env },
    );
    context.log.debug("wfserver.runner_started", { workflowId, pid: child.pid });
    const ended = new Promise<void>((resolve) => {
      const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
        running.delete(workflowId);
        onEnd(noteEnd(workflowId, code, signal));
        resolve();
      };
      child.once("exit", finish);
      child.once("error", (error) => {
        context.log.error("wfserver.runner_not_started", { workflowId, reason: error.message });
        if (child.pid === undefined) finish(1, null);
      });
    });
    return { child, ended };
  };

  /** A runner that dies is started again after 1, 2, 4 ... 60 s; one that ends by itself, as soon as there is work. */
  const noteEnd = (workflowId: number, code: number | null, signal: NodeJS.Signals | null): number => {
    if (code === 0) {
      deaths.delete(workflowId);
      return 0;
    }
    const count = (deaths.get(workflowId)?.count ?? 0) + 1;
    const delayMs = Math.min(60_000, 1_000 * 2 ** (count - 1));
    deaths.set(workflowId, { count, notBeforeMs: context.clock.elapsedMs() + delayMs });
    context.log.warning("wfserver.runner_died", { workflowId, code, signal, deaths: count, restartInMs: delayMs });
    return delayMs;
  };

  return {
    run: (workflowId) => {
      const death = deaths.get(workflowId);
      if (running.has(workflowId) || (death !== undefined && context.clock.elapsedMs() < death.notBeforeMs)) return;
      running.set(workflowId, start(workflowId));
    },
    has: (workflowId) => running.has(workflowId),
    get count() {
      return running.size;
    },
    cutOff: (workflowId) => void running.get(workflowId)?.child.kill("SIGKILL"),
    stop: async (limitMs) => {
      const left = [...running.values()];
      for (const { child } of left) child.kill("SIGTERM");
      const timer = setTimeout(() => {
        for (const { child } of left) child.kill("SIGKILL");
      }, limitMs);
      await Promise.all(left.map(({ ended }) => ended));
      clearTimeout(timer);
    },
  };
}

function argumentsOf({ instance, flags }: Pick<Context, "instance" | "flags">, workflowId: number): string[] {
  const more = passedThrough.flatMap((name) => {
    const value = flags[name];
    if (value === undefined) return [];
    return [value === true ? `-${name}` : `-${name}:${value}`];
  });
  return [`-instance:${instance}`, `-workflow:${workflowId}`, "-detach", ...more];
}
