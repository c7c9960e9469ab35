/** Runs a piece of writing in one transaction, again when others were in the way. */

import { explainWriteError, isWorthRetrying } from "./explain-write-error.ts";
import type { Session } from "./session.ts";
import type { WriteContext } from "./write-context.ts";

const mostAttempts = 5;

/**
 * Runs work whose every effect is in the database.
 * @throws what the work throws, and what PostgreSQL refused in the words of the schemas
 */
export async function inSession<T>(context: WriteContext, work: (session: Session) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await context.db.transaction((tx) =>
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
      if (!isWorthRetrying(error) || attempt === mostAttempts) throw explainWriteError(context.schemas, error);
    }
  }
}
