/** Every activity that a workflow may be made of, one line each. */

import type { Activity } from "./activity.ts";
import { defineActivity } from "./define-activity.ts";
import { deliveryDefinition } from "./delivery/definition.ts";
import { checkDelivery, runDelivery } from "./delivery/run.ts";
import { endDefinition } from "./end/definition.ts";
import { runEnd } from "./end/run.ts";
import { forkDefinition } from "./fork/definition.ts";
import { runFork } from "./fork/run.ts";
import { queryDefinition } from "./query/definition.ts";
import { runQuery } from "./query/run.ts";
import { signalDefinition } from "./signal/definition.ts";
import { runSignal } from "./signal/run.ts";
import { startDefinition } from "./start/definition.ts";
import { runStart } from "./start/run.ts";
import { waitDefinition } from "./wait/definition.ts";
import { runWait } from "./wait/run.ts";

export const activities: readonly Activity[] = [
  defineActivity(startDefinition, runStart),
  defineActivity(endDefinition, runEnd),
  defineActivity(forkDefinition, runFork),
  defineActivity(waitDefinition, runWait),
  defineActivity(signalDefinition, runSignal),
  defineActivity(queryDefinition, runQuery),
  defineActivity(deliveryDefinition, runDelivery, checkDelivery),
];

const byType = new Map(activities.map((activity) => [activity.definition.type, activity]));

/** The activity of a type, or undefined when this version has none. */
export function findActivityType(type: string): Activity | undefined {
  return byType.get(type);
}
