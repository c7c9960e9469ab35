/** `xtk:persist`: what clients ask of stored entities, of any schema. */

import { defineService } from "./service.ts";

export const persistService = defineService({
  name: "xtk:persist",
  label: "Entities",
  structures: {},
  interfaceIn: "xtk:session",
  methods: [
    {
      name: "Write",
      label: "Writes an entity, with its links and collections",
      isStatic: true,
      access: "session",
      parameters: [
        {
          name: "doc",
          type: "DOMDocument",
          direction: "in",
          description: "xtkschema names its schema; _operation and _key say how",
        },
      ],
    },
    {
      name: "WriteCollection",
      label: "Writes entities of one schema, all or none",
      isStatic: true,
      access: "session",
      parameters: [{ name: "doc", type: "DOMDocument", direction: "in", description: "One element for each entity" }],
    },
    {
      name: "Delete",
      label: "Deletes an entity",
      isStatic: true,
      access: "session",
      parameters: [{ name: "doc", type: "DOMDocument", direction: "in" }],
    },
    {
      name: "NewInstance",
      label: "An entity with a key of its own and every default, not stored yet",
      isStatic: false,
      access: "session",
      parameters: [],
    },
    {
      name: "Duplicate",
      label: "A copy of a stored entity with a key of its own, not stored yet",
      isStatic: false,
      access: "session",
      parameters: [{ name: "source", type: "primarykey", direction: "in", description: "Such as nms:delivery|1203" }],
    },
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
