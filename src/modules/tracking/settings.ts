/** Settings of tracking. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { integer, type Section } from "#foundation/settings.ts";

export const trackingSettings = moduleSettings("tracking", 10, {
  pollPeriodSec: integer({
    default: 60,
    min: 1,
    max: 86_400,
    description: "Pause between two visits to the redirection servers, in seconds.",
  }),
  consolidationPeriodSec: integer({
    default: 300,
    min: 1,
    max: 86_400,
    description: "Width of the periods that hits are summed by, in seconds.",
  }),
  dedupOpenPeriodMin: integer({
    default: 1,
    min: 0,
    max: 10_080,
    description:
      "An open that follows another of the same message within this time is dropped, in minutes; 0 = none is.",
  }),
});

export const trackingSections: readonly Section[] = [trackingSettings];
