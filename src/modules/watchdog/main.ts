/** watchdog: starts all other modules of a data folder and keeps them running. */

import type { HostModule } from "#foundation/module.ts";

import { startPlatform } from "./start-platform.ts";

export const watchdog: HostModule = {
  name: "watchdog",
  scope: "host",
  start: startPlatform,
};
