/** `nms:seedMember`: addresses that get every message of a delivery. */

import { defineService } from "./service.ts";

export const seedMemberService = defineService({
  name: "nms:seedMember",
  label: "Seed addresses",
  structures: {},
  methods: [
    {
      name: "getAsModel",
      label: "A seed address as a template of others",
      isStatic: true,
      access: "session",
      parameters: [
        { name: "id", type: "long", direction: "in" },
        { name: "seedMember", type: "DOMDocument", direction: "out" },
      ],
      notYet: "Templates of seed addresses follow; copy the address with Duplicate.",
    },
  ],
});
