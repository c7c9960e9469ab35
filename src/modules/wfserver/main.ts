/** wfserver: watches the workflows of an instance, and runs each that has something to do in a process of its own. */

import { nextDueMs } from "#campaign/workflow/workflow-store.ts";
import { workflowChannel } from "#campaign/workflow/workflow.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";
import { repeat } from "#foundation/repeat.ts";

import { keepRunners } from "./server/runners.ts";
import { serveWorkflows } from "./server/serve-workflows.ts";
import { wfserverSettings } from "./settings.ts";

/** A runner lets its task end, for 15 s, and then has it undone; the watchdog waits a little longer for us. */
const stopRunnersMs = 26_000;

export const wfserver: InstanceModule = {
  name: "wfserver",
  scope: "instance",
  start: async (context: Context): Promise<Running> => {
    const { dataBasePoolPeriodSec, maxRunningWorkflows } = context.settings.of(wfserverSettings);
    const pollMs = dataBasePoolPeriodSec * 1_000;
    const alarm = setAlarm(() => loop.wake());
    const runners = keepRunners(context, (delayMs) => alarm.ring(delayMs));
    const loop = repeat({ log: context.log, event: "wfserver.round", intervalMs: pollMs }, async () => {
      await serveWorkflows(context, runners, maxRunningWorkflows);
      const dueMs = await nextDueMs(context.db);
      if (dueMs !== undefined && dueMs < pollMs) alarm.ring(dueMs);
    });
    const listener = await context.db.listen(workflowChannel, () => loop.wake());
    return {
      stop: async () => {
        alarm.stop();
        await listener.stop();
        await loop.stop();
        await runners.stop(stopRunnersMs);
      },
    };
  },
};

/** An alarm that rings once, at the earliest of the times it was set to. */
function setAlarm(onRing: () => void): { ring(delayMs: number): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let atMs = Number.POSITIVE_INFINITY;
  let isStopped = false;
  return {
    ring: (delayMs) => {
      const wantedMs = performance.now() + Math.max(delayMs, 0) + 5;
      // Runners that end while the server stops ask for a round that will not come.
      if (isStopped || wantedMs >= atMs) return;
      clearTimeout(timer);
      atMs = wantedMs;
      timer = setTimeout(() => {
        atMs = Number.POSITIVE_INFINITY;
        onRing();
      }, wantedMs - performance.now());
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
