/** `xtk:fileRes`: uploaded files as resources of messages. */

import { defineService } from "./service.ts";

export const fileResService = defineService({
  name: "xtk:fileRes",
  label: "Files",
  structures: {},
  methods: [
    {
      name: "PublishIfNeeded",
      label: "Makes a file available at its address",
      isStatic: false,
      access: "session",
      parameters: [],
    },
    {
      name: "GetURL",
      label: "The address of a file",
      isStatic: false,
      isConst: true,
      access: "session",
      parameters: [{ name: "url", type: "string", direction: "out" }],
    },
  ],
});
