/** Errors of the data model itself. */

import { defineError } from "#foundation/errors.ts";

export const schemaInconsistent = defineError<{ schema: string; problem: string }>("SCH-100001", {
  message: ({ schema, problem }) =>
    `The schema ${schema} is inconsistent: ${problem}. Correct its file in src/schemas.`,
});
