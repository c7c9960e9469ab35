/** Errors of queries. */

import { defineError } from "#foundation/errors.ts";

export const unknownSchema = defineError<{ schema: string }>("XTK-170903", {
  message: ({ schema }) => `There is no schema '${shown(schema)}'.`,
});

export const noRow = defineError<{ schema: string }>("XTK-170904", {
  message: ({ schema }) => `No row of ${shown(schema)} meets the conditions of the query.`,
});

export const queryInvalid = defineError<{ schema: string; problem: string }>("XTK-170905", {
  message: ({ schema, problem }) => `The query over ${shown(schema)} is not valid: ${problem}.`,
});

export const queryTooSlow = defineError<{ schema: string; seconds: number | undefined }>("XTK-170906", {
  message: ({ schema, seconds }) =>
    `The query over ${shown(schema)} had no answer ${seconds === undefined ? "in time" : `within ${seconds} s`} and was ended. Ask for less, or by fields that have an index.`,
});

export const queryNotComputable = defineError<{ schema: string; problem: string }>("XTK-170907", {
  message: ({ schema, problem }) =>
    `The query over ${shown(schema)} cannot be computed for the data that is there: ${problem}. Change the query or the data.`,
});

/** What a client asked for, as far as it can be shown. */
function shown(text: string): string {
  const clean = text.toWellFormed().replaceAll("\0", "\\0");
  return clean.length <= 100 ? clean : `${clean.slice(0, 100)}...`;
}
