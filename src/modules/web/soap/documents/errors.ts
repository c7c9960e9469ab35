/** Errors of the documents that clients send: queries and entities as XML. */

import { defineError } from "#foundation/errors.ts";

export const queryInvalid = defineError<{ problem: string }>("XTK-170011", {
  message: ({ problem }) => `The query cannot be read: ${problem}.`,
});

export const entityInvalid = defineError<{ schema: string; problem: string }>("XTK-170012", {
  message: ({ schema, problem }) => `The document of schema '${schema}' cannot be read: ${problem}.`,
});

export const schemaOfDocumentUnknown = defineError<{ schema: string }>("XTK-170013", {
  message: ({ schema }) =>
    schema === ""
      ? "The document does not say which schema it is of: give its root the attribute xtkschema."
      : `There is no schema '${schema}'.`,
});
