/** The activity "query" as data. */

import { describeActivity } from "../define-activity.ts";

export const queryDefinition = describeActivity({
  type: "query",
  label: "Query",
  description: "Selects recipients by a condition, by a group, or by both.",
  family: "targeting",
  inbound: "any",
  outbound: [{ name: "result", label: "Result" }],
  fields: {
    where: {
      kind: "expression",
      schema: "nms:recipient",
      label: "Condition",
      description: "Such as @email IS NOT NULL AND @blackListEmail = 0. Empty = all recipients.",
    },
    group: {
      kind: "text",
      label: "Group",
      description: "Internal name of a group whose members alone are selected. Empty = no matter.",
    },
  },
});
