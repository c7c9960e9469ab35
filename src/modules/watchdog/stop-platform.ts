/** Stops everything in the reverse order of starting, within the time that service managers give. */

import { pause } from "#foundation/clock.ts";

import { groupByLevel } from "./plan-processes.ts";
import type { Platform } from "./platform.ts";
import { stopLimitMs } from "./supervise-process.ts";

/** What the levels below have when the ones above used up the time: enough for a log writer to write. */
const leastLimitMs = 2_000;
const databaseLimitMs = 5_000;

/** Ends modules, high run levels first, then the databases. A module that does not end in time is killed. Takes at most 39 s with three levels. */
export async function stopPlatform(platform: Platform): Promise<void> {
  const { narration, context } = platform;
  platform.phase = "stopping";
  platform.ending.abort();
  narration.info(`Stop requested (pid=${process.pid})`, "watchdog.stopping", { pid: process.pid });
  const startedMs = context.clock.elapsedMs();
  for (const level of groupByLevel([...platform.processes.values()]).reverse()) {
    const leftMs = stopLimitMs - (context.clock.elapsedMs() - startedMs);
    const limitMs = Math.max(leastLimitMs, leftMs);
    await Promise.all(level.map((process) => process.stop({ isImmediate: false, limitMs })));
  }
  const databases = Promise.all([...platform.databases.values()].map((database) => database.stop()));
  // A database that is still writing ends by itself when our pipe closes.
  await Promise.race([databases, pause(databaseLimitMs)]);
  narration.info("Server stopped", "watchdog.stopped", {
    durationMs: Math.round(context.clock.elapsedMs() - startedMs),
  });
}
