/** Ends everything of one instance, so that its folder and settings can be removed. */

import type { Platform } from "./platform.ts";

/** Stops the instance's modules, then its database. @returns names of the processes that ran */
export async function forgetInstance(platform: Platform, instance: string): Promise<string[]> {
  const own = [...platform.processes.values()].filter(
    ({ plan }) => plan.instance === instance && plan.scope === "instance",
  );
  const names = own.filter((process) => process.isWanted()).map(({ plan }) => plan.name);
  await Promise.all(own.map((process) => process.stop({ isImmediate: false })));
  for (const { plan } of own) platform.processes.delete(plan.name);
  await platform.databases.get(instance)?.stop();
  platform.databases.delete(instance);
  platform.narration.info(`Instance ${instance} is stopped`, "watchdog.instance_stopped", { instance });
  return names;
}
