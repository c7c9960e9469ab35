/** What the watchdog does when a command reaches it over the control socket. */

import type { ControlHandlers } from "#channels/control/control.ts";

import { noSuchTask, platformStopping } from "./errors.ts";
import { forgetInstance } from "./forget-instance.ts";
import { matchMask } from "./match-mask.ts";
import { describePlatform, describeProcesses, type Platform, startWhenPossible } from "./platform.ts";
import { reloadSettings } from "./reload-settings.ts";
import type { Supervised } from "./supervised.ts";

/** The handlers of all commands. */
export function controlCommands(platform: Platform): ControlHandlers {
  return {
    listProcesses: () => Promise.resolve(describeProcesses(platform)),
    status: () => Promise.resolve(describePlatform(platform)),
    start: ({ mask, args }) => {
      refuseWhileStopping(platform);
      const idle = find(platform, mask).filter((process) => process.entry().pid === undefined);
      for (const process of idle) startWhenPossible(platform, process, args);
      return Promise.resolve(namesOf(idle));
    },
    stop: async ({ mask, isImmediate }) => {
      const running = findRunning(platform, mask);
      await Promise.all(running.map((process) => process.stop({ isImmediate })));
      return namesOf(running);
    },
    restart: async ({ mask, args, isImmediate }) => {
      refuseWhileStopping(platform);
      const running = findRunning(platform, mask);
      const restart = async (process: Supervised): Promise<void> => {
        // One that waits, for its database or its next start, only has to be started.
        if (process.entry().pid === undefined) startWhenPossible(platform, process, args);
        else await process.restart({ why: "command", isImmediate, args });
      };
      await Promise.all(running.map(restart));
      return namesOf(running);
    },
    shutdown: () => {
      // The answer leaves first; the socket closes as the last act.
      setImmediate(() => platform.context.requestStop(0));
      return Promise.resolve([]);
    },
    reload: () => {
      refuseWhileStopping(platform);
      return reloadSettings(platform);
    },
    forgetInstance: ({ instance }) => forgetInstance(platform, instance),
  };
}

function find(platform: Platform, mask: string): Supervised[] {
  const names = [...platform.processes.keys()];
  const instances = [...platform.databases.keys()];
  const found = matchMask(mask, names, instances.includes("main") ? "main" : (instances[0] ?? "main"));
  if (found.length === 0) throw noSuchTask({ mask, known: names });
  return [...platform.processes.values()].filter(({ plan }) => found.includes(plan.name));
}

function findRunning(platform: Platform, mask: string): Supervised[] {
  const running = find(platform, mask).filter((process) => process.isWanted());
  const names = [...platform.processes.values()].filter((process) => process.isWanted()).map(({ plan }) => plan.name);
  if (running.length === 0) throw noSuchTask({ mask, known: names });
  return running;
}

function refuseWhileStopping(platform: Platform): void {
  if (platform.phase === "stopping") throw platformStopping();
}

function namesOf(processes: readonly Supervised[]): string[] {
  return processes.map(({ plan }) => plan.name);
}
