/** Settings of watchdog. What it needs to know of another module stands in that module's own section. */

import { declareSettings, integer, type Section } from "#foundation/settings.ts";

export const watchdogSettings = declareSettings("watchdog", {
  silenceLimitSec: integer({
    default: 30,
    min: 10,
    max: 3_600,
    description:
      "Time without a sign of life after which a process counts as hung and is killed, in seconds; each gives one every 5 s.",
  }),
});

export const watchdogSections: readonly Section[] = [watchdogSettings];
