/** Runs a piece of writing in one transaction, again when others were in the way. */

import { retryConflicts } from "#foundation/retry-conflicts.ts";

import { explainWriteError } from "./explain-write-error.ts";
import type { Session } from "./session.ts";
import type { WriteContext } from "./write-context.ts";

/**
 * Runs work whose every effect is in the database.
 * @throws what the work throws, and what PostgreSQL refused in the words of the schemas
 */
export async function inSession<T>(context: WriteContext, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await retryConflicts(context.db, (tx) =>
      work({
        tx,
        schemas: context.schemas,
        viewer: context.viewer,
        rules: context.rules,
        secrets: context.secrets,
        remoteAddress: context.remoteAddress ?? "",
        defaultFolders: new Map(),
      }),
    );
  } catch (error) {
    throw explainWriteError(context.schemas, error);
  }
}
