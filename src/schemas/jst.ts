/** Texts with scripts in them, such as the notices of workflows. */

import { documentSchema } from "./document-schema.ts";

export const jst = documentSchema({
  name: "jst",
  label: "JavaScript templates",
  labelSingular: "JavaScript template",
  restName: "javascript-templates",
});
