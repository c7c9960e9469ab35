/** Settings of inbox. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { integer, type Section } from "#foundation/settings.ts";

export const inboxSettings = moduleSettings("inbox", 5, {
  keepMessages: integer({
    default: 50_000,
    min: 100,
    max: 10_000_000,
    description: "Messages kept; the oldest beyond are removed.",
  }),
  maxMessageSizeMb: integer({ default: 25, min: 1, max: 500, description: "Largest message that is taken, in MB." }),
  maxConnections: integer({
    default: 100,
    min: 1,
    max: 10_000,
    description: "Connections that are served at the same time.",
  }),
  noticeDelaySec: integer({
    default: 1,
    min: 0,
    max: 86_400,
    description: "Pause between a message and the notice about it, in seconds.",
  }),
});

export const inboxSections: readonly Section[] = [inboxSettings];
