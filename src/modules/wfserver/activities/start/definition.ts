/** The activity "start" as data. */

import { describeActivity } from "../define-activity.ts";

export const startDefinition = describeActivity({
  type: "start",
  label: "Start",
  description: "Marks where the workflow begins.",
  family: "flow",
  inbound: "none",
  outbound: [{ name: "initial", label: "Initial" }],
  fields: {},
});
