/** Settings of imports and exports, for every module and command that runs them. */

import { choice, declareSettings, flag, integer } from "#foundation/settings.ts";

const retryForSec = integer({
  default: 300,
  min: 0,
  max: 86_400,
  description: "How long a job that lost the database is started again, in seconds.",
});

export const importSettings = declareSettings("import", {
  retryForSec,
  maxRecordLength: integer({
    default: 1024 * 1024,
    min: 1_000,
    max: 64 * 1024 * 1024,
    description: "Longest record of a list, in characters; a longer one is rejected.",
  }),
  stopAfterFirstRejects: integer({
    default: 100,
    min: 0,
    max: 1_000,
    description: "An import stops when this many lines at its beginning are all rejected; 0 = it never stops for that.",
  }),
  dateOrder: choice({
    default: "dmy",
    words: ["dmy", "mdy"],
    description:
      "What 03/04/2001 means: dmy = 3 April, mdy = 4 March. Dates that begin with their year need no setting.",
  }),
});

export const exportSettings = declareSettings("export", {
  retryForSec,
  defuseFormulas: flag({
    default: true,
    description:
      "Puts an apostrophe before cells that a spreadsheet would run as formulas; an import takes it away again.",
  }),
});
