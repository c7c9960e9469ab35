/** The activity "delivery" as data. */

import { describeActivity } from "../define-activity.ts";

export const deliveryDefinition = describeActivity({
  type: "delivery",
  label: "Delivery",
  description: "Makes a new delivery for the population that arrives, and prepares or sends it.",
  family: "action",
  inbound: "any",
  outbound: [{ name: "result", label: "Delivery made" }],
  fields: {
    action: {
      kind: "choice",
      label: "Action to execute",
      default: "prepareAndStart",
      choices: [
        { value: "save", label: "Save the delivery" },
        { value: "prepare", label: "Prepare the delivery" },
        { value: "prepareAndStart", label: "Prepare and start the delivery" },
      ],
    },
    label: { kind: "text", label: "Label of the delivery", description: "Empty = the label of the activity." },
    subject: { kind: "text", label: "Subject", isRequired: true },
    fromAddress: { kind: "text", label: "Sender address", description: "Empty = the instance's." },
    fromName: { kind: "text", label: "Sender name" },
    replyToAddress: { kind: "text", label: "Reply address", description: "Empty = the sender." },
    html: { kind: "memo", label: "HTML content" },
    text: { kind: "memo", label: "Text content" },
  },
});
