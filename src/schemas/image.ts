/** Images that clients show beside entities. */

import { documentSchema } from "./document-schema.ts";

export const image = documentSchema({
  name: "image",
  label: "Images",
  labelSingular: "Image",
});
