/** How clients show an entity for editing. */

import { documentSchema } from "./document-schema.ts";

export const form = documentSchema({
  name: "form",
  label: "Input forms",
  labelSingular: "Input form",
});
