/** `postrider shutdown`: ends the whole platform. */

import { shutdownPlatform } from "#channels/control/control.ts";
import { locateHome } from "#foundation/home.ts";

import type { VerbRun } from "./verb.ts";

/**
 * Stops all modules in an orderly way, then the watchdog; returns when they are gone.
 * @throws platformNotRunning
 */
export const shutdown: VerbRun = async ({ flags }) => {
  await shutdownPlatform(locateHome(process.env));
  if (flags["noconsole"] === undefined) process.stdout.write("Postrider is stopped\n");
  return 0;
};
