/** `xtk:builder`: packages, and what is generated of schemas. */

import { defineService } from "./service.ts";

export const builderService = defineService({
  name: "xtk:builder",
  label: "Builder",
  structures: {},
  methods: [
    {
      name: "InstallPackage",
      label: "Writes the entities of a package, all or none",
      isStatic: true,
      access: "admin",
      parameters: [
        {
          name: "package",
          type: "DOMDocument",
          direction: "in",
          description: '<pkgDesc><package namespace name><entities schema="xtk:option"><option .../>',
        },
      ],
    },
    {
      name: "BuildSchemaFromId",
      label: "Compiles a schema",
      isStatic: true,
      access: "admin",
      description:
        "As it is written now, with all extensions; the tables follow when postrider config -updatedb has run. Nothing is stored.",
      parameters: [
        { name: "pk", type: "string", direction: "in", description: "xtk:srcSchema|cus:recipient, or cus:recipient" },
        { name: "schema", type: "DOMDocument", direction: "out" },
      ],
    },
    {
      name: "BuildUpdateScript",
      label: "Shows what would change in the tables",
      isStatic: true,
      access: "admin",
      description: "The statements that postrider config -updatedb would run for the schemas as they are written now.",
      parameters: [
        { name: "drop", type: "boolean", direction: "in", description: "as with -drop" },
        { name: "script", type: "memo", direction: "out" },
      ],
    },
    {
      name: "GenerateSchema",
      label: "Makes a schema of a description",
      isStatic: true,
      access: "admin",
      parameters: [{ name: "description", type: "DOMDocument", direction: "in" }],
      notYet: "Write the schema itself, as xtk:srcSchema.",
    },
    {
      name: "RemoveSchemaLinkRef",
      label: "Removes the links that lead to a schema",
      isStatic: true,
      access: "admin",
      parameters: [{ name: "schema", type: "string", direction: "in" }],
      notYet: "Write the extension without the link.",
    },
    {
      name: "EvaluateJavaScript",
      label: "Runs a script on the server",
      isStatic: true,
      access: "admin",
      parameters: [{ name: "script", type: "string", direction: "in" }],
      notYet: "Scripts of clients are not run on the server.",
    },
  ],
});
