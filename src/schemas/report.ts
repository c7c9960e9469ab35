/** Definitions of reports. */

import { documentSchema } from "./document-schema.ts";

export const report = documentSchema({
  name: "report",
  label: "Reports",
  labelSingular: "Report",
});
