/** Errors of the command line. */

import { traceTypes } from "#foundation/log.ts";
import { defineError } from "#foundation/errors.ts";

export const unknownTraceType = defineError<{ unknown: readonly string[] }>("CLI-100001", {
  message: ({ unknown }) =>
    `There is no trace type ${unknown.join(", ")}. -tracefilter takes ${traceTypes.join(", ")}, * and !type, separated by commas.`,
});

export const missingArgument = defineError<{ command: string; argument: string }>("CLI-100002", {
  message: ({ command, argument }) => `postrider ${command} needs ${argument}. See: postrider ${command} -?`,
});

export const unknownSetting = defineError<{ path: string; near: string }>("CLI-100004", {
  message: ({ path, near }) =>
    `There is no setting ${path}${near === "" ? "." : `; did you mean ${near}?`} All are listed in conf/server.toml.sample.`,
});

export const invalidSettingValue = defineError<{ path: string; accepts: string }>("CLI-100005", {
  message: ({ path, accepts }) => `${path} takes ${accepts}. Nothing was changed.`,
});

export const instanceExists = defineError<{ name: string }>("CLI-100006", {
  message: ({ name }) => `The instance ${name} exists already; its settings are in conf/instance-${name}.toml.`,
});

export const invalidArgument = defineError<{ argument: string; form: string }>("CLI-100007", {
  message: ({ argument, form }) => `${argument} is written as ${form}. Nothing was changed.`,
});

export const wrongPassword = defineError("CLI-100008", {
  message: () => "The old password of internal is wrong. Nothing was changed.",
});

export const notConfirmed = defineError<{ name: string }>("CLI-100009", {
  message: ({ name }) =>
    `Nothing was removed: write the name of the instance to confirm, or run: postrider uninstall -instance:${name} -force`,
});

export const unknownOperator = defineError<{ login: string; instance: string }>("CLI-100010", {
  message: ({ login, instance }) => `There is no operator '${login}' on the instance ${instance}.`,
});

export const definitionUnreadable = defineError<{ file: string; reason: string }>("CLI-100011", {
  message: ({ file, reason }) =>
    `The file ${file} cannot be read as the definition of a workflow: ${reason}. It must be JSON: {"activities": [...]}.`,
});

export const unknownToken = defineError<{ id: string }>("CLI-100012", {
  message: ({ id }) => `There is no token ${id} that is good. postrider token -list shows them.`,
});

export const unknownFlag = defineError<{ command: string; flag: string; known: readonly string[] }>("CLI-100013", {
  message: ({ command, flag, known }) =>
    `postrider ${command} does not take '${flag}'. It takes ${known.join(", ")}. See: postrider ${command} -?`,
});
