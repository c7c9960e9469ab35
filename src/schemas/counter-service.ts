/** `xtk:counter`: numbers that are given out once. */

import { defineService } from "./service.ts";

export const counterService = defineService({
  name: "xtk:counter",
  label: "Counters",
  structures: {},
  methods: [
    {
      name: "IncreaseValue",
      label: "The next value of a counter",
      isStatic: true,
      access: "session",
      parameters: [
        { name: "name", type: "string", direction: "in" },
        { name: "value", type: "long", direction: "out" },
      ],
    },
  ],
});
