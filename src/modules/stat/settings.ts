/** Settings of stat. Its address and port are in foundation/common-settings.ts. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { integer, type Section } from "#foundation/settings.ts";

export const statSettings = moduleSettings("stat", 5, {
  reloadPeriodSec: integer({
    default: 3_600,
    min: 1,
    max: 604_800,
    description: "Pause between readings of the MX rules, in seconds; postrider stat -reload reads them at once.",
  }),
  clientTimeoutSec: integer({
    default: 300,
    min: 10,
    max: 86_400,
    description:
      "The connections of a sender that has not been heard of for this long, in seconds, are counted as closed.",
  }),
});

export const statSections: readonly Section[] = [statSettings];
