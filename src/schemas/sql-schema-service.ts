/** `xtk:sqlSchema`: tables of databases. */

import { defineService } from "./service.ts";

export const sqlSchemaService = defineService({
  name: "xtk:sqlSchema",
  label: "Tables",
  structures: {},
  methods: [
    {
      name: "BuildTableList",
      label: "The tables of a database",
      isStatic: true,
      access: "admin",
      parameters: [
        { name: "account", type: "string", direction: "in" },
        { name: "tables", type: "DOMDocument", direction: "out" },
      ],
      notYet: "Other databases are not connected; the own tables are those of the schemas.",
    },
  ],
});
