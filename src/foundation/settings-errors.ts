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

export const settingNotEditable = defineError<{ path: string }>("STG-100002", {
  message: ({ path }) =>
    `${path} is written in the settings file in a form that only an editor can change. Open the file and change it there.`,
});
