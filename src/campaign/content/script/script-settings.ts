/** Limits of the scripts in content. */

import { declareSettings, integer } from "#foundation/settings.ts";

export const personalizationSettings = declareSettings("personalization", {
  timeLimitSec: integer({
    default: 5,
    min: 1,
    max: 600,
    description:
      "Longest time that the scripts of one message may run, in seconds (Classic: maximum personalization run time); the delivery then fails.",
  }),
  memoryMb: integer({
    default: 128,
    min: 32,
    max: 1_024,
    description: "Memory that the scripts of one delivery may take, in MB; the delivery then fails.",
  }),
});
