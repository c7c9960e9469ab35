/** What belongs into a package of configuration that is taken elsewhere. */

import { documentSchema } from "./document-schema.ts";

export const specFile = documentSchema({
  name: "specFile",
  label: "Package definitions",
  labelSingular: "Package definition",
  restName: "package-definitions",
});
