/** The activity "end" as data. */

import { describeActivity } from "../define-activity.ts";

export const endDefinition = describeActivity({
  type: "end",
  label: "End",
  description: "Marks where a branch ends; the population that arrives is dropped.",
  family: "flow",
  inbound: "any",
  outbound: [],
  fields: {
    interruptsOthers: {
      kind: "flag",
      label: "Interrupt all tasks in progress",
      description: "Ends the whole workflow, whatever other branches still wait for.",
      default: false,
    },
  },
});
