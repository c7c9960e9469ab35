/** Errors of the writer: what a client gave that cannot be stored. They name schema and field, never tables. */

import { defineError } from "#foundation/errors.ts";

/** For a schema that is not there and for one that the viewer may not read: he cannot tell which. */
export const unknownSchema = defineError<{ schema: string }>("XTK-170930", {
  message: ({ schema }) => `There is no schema '${shown(schema)}'.`,
});

export const unknownField = defineError<{ schema: string; field: string }>("XTK-170931", {
  message: ({ schema, field }) => `The schema ${schema} has no field '${shown(field)}' that can be written.`,
});

export const unknownLink = defineError<{ schema: string; link: string }>("XTK-170932", {
  message: ({ schema, link }) => `The schema ${schema} has no link '${shown(link)}' of this kind.`,
});

export const invalidValue = defineError<{ schema: string; field: string; problem: string }>("XTK-170933", {
  message: ({ schema, field, problem }) => `The field '${field}' of ${schema} cannot take this value: ${problem}.`,
});

export const readOnlyField = defineError<{ schema: string; field: string }>("XTK-170934", {
  message: ({ schema, field }) =>
    `The field '${field}' of ${schema} is kept by the server and cannot be changed; leave it out.`,
});

export const requiredField = defineError<{ schema: string; field: string }>("XTK-170935", {
  message: ({ schema, field }) => `The field '${field}' of ${schema} must be given and must not be empty.`,
});

export const duplicateKey = defineError<{ schema: string; key: string }>("XTK-170936", {
  message: ({ schema, key }) => `There is a row of ${schema} with the same key (${key}) already.`,
});

export const keyMissing = defineError<{ schema: string; problem: string }>("XTK-170937", {
  message: ({ schema, problem }) => `The row of ${schema} cannot be found: ${problem}.`,
});

export const rowNotFound = defineError<{ schema: string; key: string }>("XTK-170938", {
  message: ({ schema, key }) => `There is no row of ${schema} with ${shown(key)}.`,
});

export const referenceUnknown = defineError<{ schema: string; field: string; target: string }>("XTK-170939", {
  message: ({ schema, field, target }) =>
    `The field '${field}' of ${schema} names a row of ${target} that is not there.`,
});

export const idNotReserved = defineError<{ schema: string; id: string }>("XTK-170940", {
  message: ({ schema, id }) =>
    `There is no row of ${schema} with the id ${shown(id)}, and the id was not handed out for a new one. Leave it out, or reserve ids first (GetNewIdsEx).`,
});

export const stillReferenced = defineError<{ schema: string; label: string; link: string; target: string }>(
  "XTK-170941",
  {
    message: ({ schema, label, link, target }) =>
      `A row of ${schema} cannot be deleted: rows of ${target} refer to it (${link}: ${label}). Delete or move them first.`,
  },
);

export const tooLarge = defineError<{ problem: string }>("XTK-170942", {
  message: ({ problem }) => `This is too much for one call: ${problem}.`,
});

export const rowChanged = defineError<{ schema: string }>("XTK-170943", {
  message: ({ schema }) => `Rows of ${schema} were changed by others at the same time. Try again.`,
  mayRetry: true,
});

export const notSaved = defineError<{ schema: string; reason: string }>("XSV-350023", {
  message: ({ schema, reason }) => `A document of the schema '${schema}' cannot be saved: ${reason}.`,
});

export const unknownSequence = defineError<{ sequence: string }>("XTK-170944", {
  message: ({ sequence }) => `There is no sequence '${shown(sequence)}'.`,
});

function shown(text: string): string {
  const clean = text.toWellFormed().replaceAll("\0", "\\0");
  return clean.length <= 100 ? clean : `${clean.slice(0, 100)}...`;
}
