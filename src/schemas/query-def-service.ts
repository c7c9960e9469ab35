/** `xtk:queryDef`: queries that a client describes. */

import { defineService } from "./service.ts";

export const queryDefService = defineService({
  name: "xtk:queryDef",
  label: "Queries",
  structures: {},
  methods: [
    {
      name: "ExecuteQuery",
      label: "Runs the query",
      isStatic: false,
      isConst: true,
      access: "session",
      parameters: [{ name: "output", type: "DOMDocument", direction: "out" }],
    },
    {
      name: "SelectAll",
      label: "Selects every field of the query's schema",
      isStatic: false,
      access: "session",
      parameters: [
        {
          name: "duplicate",
          type: "boolean",
          direction: "in",
          description: "Leaves out what a copy of the entity takes anew, such as its key",
        },
      ],
    },
    {
      name: "BuildQuery",
      label: "The SQL of the query, to be read by people",
      isStatic: false,
      isConst: true,
      access: "session",
      parameters: [{ name: "sql", type: "string", direction: "out" }],
    },
    {
      name: "BuildQueryEx",
      label: "The SQL of the query, and the types of its columns",
      isStatic: false,
      isConst: true,
      access: "session",
      parameters: [
        { name: "sql", type: "string", direction: "out" },
        { name: "format", type: "string", direction: "out" },
      ],
    },
    {
      name: "Update",
      label: "Changes the rows that the query selects",
      isStatic: false,
      isConst: true,
      access: "session",
      notYet: "Read the keys with ExecuteQuery, and change the rows with xtk:persist#WriteCollection.",
      parameters: [],
    },
    {
      name: "GetXmlStruct",
      label: "The shape of the answer",
      isStatic: false,
      isConst: true,
      access: "session",
      notYet: "Run the query with lineCount 1 and read its answer.",
      parameters: [{ name: "struct", type: "DOMDocument", direction: "out" }],
    },
  ],
});
