/** Exports as they were set up, to be run again: which fields of whom into which file. */

import { transferModelSchema } from "./transfer-model.ts";

export const exportModel = transferModelSchema({
  kind: "export",
  label: "Exports",
  labelSingular: "Export",
  fileLabel: "The file it writes",
});
