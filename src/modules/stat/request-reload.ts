/** `postrider stat -reload`: has the running server read its rules, keeping its counters. */

import type { Context, Running } from "#foundation/module.ts";

import { askStat } from "./ask-stat.ts";

/** Asks, and ends the process. */
export async function requestReload(context: Context): Promise<Running> {
  await askStat(context, async (permits, signal) => (await permits.reload(signal)) || undefined);
  context.requestStop(0);
  return { stop: () => Promise.resolve() };
}
