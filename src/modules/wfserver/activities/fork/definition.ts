/** The activity "fork" as data. */

import { describeActivity } from "../define-activity.ts";

export const forkDefinition = describeActivity({
  type: "fork",
  label: "Fork",
  description: "Activates all its transitions, one after the other; each carries the population that arrived.",
  family: "flow",
  inbound: "any",
  outbound: "any",
  fields: {},
});
