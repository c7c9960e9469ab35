/** The activity "external signal" as data. */

import { describeActivity } from "../define-activity.ts";

export const signalDefinition = describeActivity({
  type: "signal",
  label: "External signal",
  description: "Waits until a program or another workflow posts an event to it; each event fires its transition.",
  family: "flow",
  inbound: "any",
  outbound: "any",
  fields: {},
});
