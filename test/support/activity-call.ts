/** Builds what an activity is called with. */

import type { ActivityNode } from "#campaign/workflow/workflow-definition.ts";
import type { WorkflowTask } from "#campaign/workflow/workflow.ts";
import { server, type Viewer } from "#datamodel/viewer.ts";
import type { Context } from "#foundation/module.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import type { ActivityCall } from "#modules/wfserver/activities/activity.ts";

type Given = {
  readonly context?: Context;
  readonly now?: Date;
  readonly transitions?: ActivityNode["transitions"];
  readonly task?: Partial<WorkflowTask>;
  readonly viewer?: Viewer;
};

/** A call of an activity with these settings; what it needs beyond them is given, or missing. */
export function aCall<S>(settings: S, given: Given = {}): ActivityCall<S> {
  const now = given.now ?? new Date();
  const clock = { now: () => now, elapsedMs: () => 0 };
  return {
    // An activity that needs more of a context is given one; without it, only the clock is read.
    context: given.context ?? ({ clock } as unknown as Context),
    workflow: { id: 1, internalName: "w", runNumber: 1, variables: {} },
    node: { type: "any", name: "node", label: "", settings: {}, transitions: given.transitions ?? [] },
    task: { id: 1, activity: "node", due: now, created: now, attempts: 1, vars: {}, own: {}, ...given.task },
    schemas: builtInSchemas,
    viewer: given.viewer ?? server,
    settings,
    remember: () => Promise.resolve(),
    journal: () => Promise.resolve(),
  };
}
