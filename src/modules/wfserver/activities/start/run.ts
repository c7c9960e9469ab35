/** Lets the workflow begin. */

import type { Outcome } from "../activity.ts";

/** Fires its transition at once. */
export function runStart(): Promise<Outcome> {
  return Promise.resolve({ kind: "done", fired: [{ transition: "initial" }] });
}
