/** Errors of the settings. */

import { defineError } from "./errors.ts";
import type { SettingsFault } from "./settings.ts";

export const invalidSettings = defineError<{ faults: readonly SettingsFault[] }>("STG-100001", {
  message: ({ faults }) =>
    [
      `${faults.length === 1 ? "A setting is" : `${faults.length} settings are`} wrong; nothing was started:`,
      ...faults.map(({ where, name, problem }) => `  ${where}: ${name === "" ? "" : `${name}: `}${problem}`),
    ].join("\n"),
});
