/** Splits a branch into several. */

import type { ActivityCall, Outcome } from "../activity.ts";

/** Fires every transition of the diagram, in its order. */
export function runFork({ node }: ActivityCall<unknown>): Promise<Outcome> {
  return Promise.resolve({ kind: "done", fired: node.transitions.map(({ name }) => ({ transition: name })) });
}
