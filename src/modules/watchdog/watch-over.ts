/** Looks at all processes once a second: kills what hangs, and restarts each once a day, one after another. */

import { isPlannedTooFar, nextDailyRestart } from "./daily-restart.ts";
import type { Platform } from "./platform.ts";
import type { Supervised } from "./supervised.ts";

const intervalMs = 1_000;
/** The next process is restarted when this one is ready again, or after this time. */
const readyLimitMs = 30_000;

/** Starts watching; stops when the platform ends. */
export function watchOver(platform: Platform): void {
  const { clock } = platform.context;
  const planned = new Map<string, { at: Date; timeOfDay: string }>();
  const due: Supervised[] = [];
  let isRestarting = false;

  const restartDue = async (): Promise<void> => {
    isRestarting = true;
    for (let next = due.shift(); next !== undefined; next = due.shift()) {
      if (platform.ending.signal.aborted) break;
      if (!next.isWanted()) continue;
      platform.narration.info(`Daily restart of ${next.plan.name}`, "watchdog.daily_restart", {
        process: next.plan.name,
      });
      await next.restart({ why: "daily" });
      await next.untilReady(readyLimitMs);
    }
    isRestarting = false;
  };

  const isDue = (process: Supervised, now: Date): boolean => {
    const { name, restartTime } = process.plan;
    const plan = planned.get(name);
    if (plan !== undefined && plan.timeOfDay === restartTime && plan.at <= now) {
      planned.set(name, { at: nextDailyRestart(restartTime, now), timeOfDay: restartTime });
      return process.entry().pid !== undefined;
    }
    if (plan === undefined || plan.timeOfDay !== restartTime || isPlannedTooFar(plan.at, now)) {
      planned.set(name, { at: nextDailyRestart(restartTime, now), timeOfDay: restartTime });
    }
    return false;
  };

  const timer = setInterval(() => {
    const now = clock.now();
    for (const process of platform.processes.values()) {
      process.checkLife();
      if (isDue(process, now)) due.push(process);
    }
    if (due.length > 0 && !isRestarting) void restartDue();
  }, intervalMs);
  platform.ending.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
