/** Imports as they were set up, to be run again: which file into which fields. */

import { transferModelSchema } from "./transfer-model.ts";

export const importModel = transferModelSchema({
  kind: "import",
  label: "Imports",
  labelSingular: "Import",
  fileLabel: "The file it reads",
});
