/** Errors of schemas that operators write. */

import { defineError } from "#foundation/errors.ts";

export const extensionInvalid = defineError<{ schema: string; problem: string }>("XTK-170920", {
  message: ({ schema, problem }) => `The schema ${schema} cannot be used: ${problem}. Correct its definition.`,
});

export const structureWouldLose = defineError<{ losses: readonly string[] }>("XTK-170921", {
  message: ({ losses }) =>
    `The structure was not changed, since data would be lost: ${losses.join(", ")}. Export what you need, then run the update with -drop.`,
});

export const structureBusy = defineError<{ statement: string | undefined; waitedMs: number }>("XTK-170922", {
  message: ({ statement, waitedMs }) =>
    statement === undefined
      ? `The structure was not changed: for ${waitedMs / 1_000} s another update has been running, or somebody has been storing a schema. Run the update again.`
      : `The structure was not changed: '${statement}' had to wait for others who work with the table, and gave up after ${waitedMs / 1_000} s so that nobody waits for it. Run the update again at a quieter moment: imports, preparations of deliveries and long queries hold tables.`,
  mayRetry: true,
});

export const structureRefused = defineError<{ statement: string; reason: string }>("XTK-170923", {
  message: ({ statement, reason }) =>
    `The structure was not changed, since the database refuses '${statement}': ${reason}. Correct the values that are stored, or the schema, and run the update again.`,
});
