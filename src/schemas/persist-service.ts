/** `xtk:persist`: what clients ask of stored entities. */

import { defineService } from "./service.ts";

export const persistService = defineService({
  name: "xtk:persist",
  label: "Entities",
  structures: {},
  methods: [
    {
      name: "GetEntityIfMoreRecent",
      label: "An entity, unless the client holds it already",
      isStatic: true,
      access: "anonymous",
      parameters: [
        { name: "pk", type: "primarykey", direction: "in", description: "Such as xtk:schema|xtk:session" },
        {
          name: "md5",
          type: "string",
          direction: "in",
          description: "Of what the client holds; empty when it holds nothing",
        },
        { name: "mustExist", type: "boolean", direction: "in" },
        { name: "doc", type: "DOMDocument", direction: "out" },
      ],
    },
  ],
});
