/** Settings of stat. Its address, port and shared secret, and the thresholds of the error statistics, are in foundation/common-settings.ts. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { integer, type Section, timeOfDay } from "#foundation/settings.ts";

export const statSettings = moduleSettings("stat", 5, {
  reloadTime: timeOfDay({
    default: "06:00:00",
    description:
      "Time at which MX rules and warm-ups are read again each day, in the host's time zone; postrider stat -reload reads them at once.",
  }),
  clientTimeoutSec: integer({
    default: 60,
    min: 10,
    max: 86_400,
    description:
      "The connections of a sender that has not been heard of for this long, in seconds, are counted as closed.",
  }),
  graceSec: integer({
    default: 10,
    min: 0,
    max: 300,
    description:
      "After a restart nothing is granted until the senders that were known before have reported, for so long at most, in seconds.",
  }),
  errorStatisticsDays: integer({
    default: 90,
    min: 1,
    max: 3_650,
    description: "SMTP error statistics are kept for so many days.",
  }),
});

export const statSections: readonly Section[] = [statSettings];
