/** Settings of wfserver. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { integer, type Section } from "#foundation/settings.ts";

export const wfserverSettings = moduleSettings("wfserver", 10, {
  dataBasePoolPeriodSec: integer({
    default: 20,
    min: 1,
    max: 300,
    description:
      "Longest pause between two looks into the database for commands and due tasks, in seconds; notices shorten it.",
  }),
  maxRunningWorkflows: integer({
    default: 20,
    min: 1,
    max: 500,
    description: "Workflows that one wfserver runs at the same time, each in a process of its own; others wait.",
  }),
});

export const wfserverSections: readonly Section[] = [wfserverSettings];
