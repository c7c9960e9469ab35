/** Libraries of functions for scripts of workflows and deliveries. */

import { documentSchema } from "./document-schema.ts";

export const javascript = documentSchema({
  name: "javascript",
  label: "JavaScript codes",
  labelSingular: "JavaScript code",
  restName: "javascript-codes",
});
