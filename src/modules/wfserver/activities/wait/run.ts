/** Lets a time pass. */

import type { ActivityCall, Outcome, SettingsOf } from "../activity.ts";
import type { waitDefinition } from "./definition.ts";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 365 * 86_400_000 } as const;

/** One pause is cut at this, so that a changed clock or duration is noticed. */
const longestPauseMs = 30 * 86_400_000;

/**
 * Puts itself off until the duration has passed since the task was made, then fires. An operator's "execute pending
 * tasks now" ends it early.
 */
export function runWait({
  settings,
  task,
  context,
}: ActivityCall<SettingsOf<typeof waitDefinition>>): Promise<Outcome> {
  const endMs = task.created.getTime() + settings.duration * unitMs[settings.unit];
  const leftMs = endMs - context.clock.now().getTime();
  if (leftMs <= 0 || task.own["isWoken"] === true)
    return Promise.resolve({ kind: "done", fired: [{ transition: "next" }] });
  return Promise.resolve({ kind: "postponed", delayMs: Math.min(leftMs, longestPauseMs) });
}
