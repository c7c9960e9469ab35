/** Errors of the data folder. */

import { defineError } from "./errors.ts";

export const homeNotWritable = defineError<{ folder: string }>("HOM-100001", {
  message: ({ folder }) =>
    `The data folder cannot be written: ${folder}. Give this user the right to write there, or set POSTRIDER_HOME to another folder.`,
});

export const invalidInstanceName = defineError<{ name: string }>("HOM-100002", {
  message: ({ name }) =>
    `'${name.slice(0, 60)}' is not an instance name. Use 1 to 40 lower-case letters, digits and underscores, starting with a letter.`,
});

export const unknownInstance = defineError<{ name: string; known: readonly string[] }>("HOM-100003", {
  message: ({ name, known }) =>
    `There is no instance '${name}' here (known: ${known.join(", ") || "none"}). Create it with: postrider config -addinstance:${name}/*`,
});
