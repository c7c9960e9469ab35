/** `nms:subscription`: recipients subscribe to services and leave them. */

import { defineService } from "./service.ts";

export const subscriptionService = defineService({
  name: "nms:subscription",
  label: "Subscriptions",
  structures: {},
  methods: [
    {
      name: "Subscribe",
      label: "Subscribes a recipient to services, and updates his profile",
      isStatic: true,
      access: "session",
      parameters: [
        {
          name: "serviceNames",
          type: "string",
          direction: "in",
          description: "Internal names, separated by commas",
        },
        {
          name: "recipient",
          type: "DOMElement",
          direction: "in",
          description: '<recipient _key="@email" email="..."/>',
        },
        { name: "create", type: "boolean", direction: "in", description: "Make the recipient where he is unknown" },
      ],
    },
    {
      name: "Unsubscribe",
      label: "Ends the subscriptions of a recipient, or sends him nothing more at all",
      isStatic: true,
      access: "session",
      parameters: [
        {
          name: "serviceNames",
          type: "string",
          direction: "in",
          description: "Internal names, separated by commas; empty = send nothing more",
        },
        { name: "recipient", type: "DOMElement", direction: "in" },
      ],
    },
  ],
});
