/** The folders and lists that clients offer to walk through. */

import { documentSchema } from "./document-schema.ts";

export const navtree = documentSchema({
  name: "navtree",
  label: "Navigation trees",
  labelSingular: "Navigation tree",
  restName: "navigation-trees",
});
