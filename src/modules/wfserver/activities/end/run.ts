/** Ends a branch, or the whole workflow. */

import type { ActivityCall, Outcome, SettingsOf } from "../activity.ts";
import type { endDefinition } from "./definition.ts";

/** Fires nothing; cancels the tasks of other branches when it is told to. */
export function runEnd({ settings }: ActivityCall<SettingsOf<typeof endDefinition>>): Promise<Outcome> {
  return Promise.resolve({ kind: "done", fired: [], cancelsOtherTasks: settings.interruptsOthers });
}
