/** The activity "wait" as data. */

import { describeActivity } from "../define-activity.ts";

export const waitDefinition = describeActivity({
  type: "wait",
  label: "Wait",
  description: "Lets a time pass; other branches go on meanwhile, and no process waits.",
  family: "flow",
  inbound: "any",
  outbound: [{ name: "next", label: "Next" }],
  fields: {
    duration: { kind: "number", label: "Duration", isRequired: true, default: 1, min: 0, max: 1_000_000 },
    unit: {
      kind: "choice",
      label: "Unit",
      default: "d",
      choices: [
        { value: "s", label: "seconds" },
        { value: "m", label: "minutes" },
        { value: "h", label: "hours" },
        { value: "d", label: "days" },
        { value: "y", label: "years" },
      ],
    },
  },
});
