/** Brings an instance's database to the state in which its modules can work: reachable, of this version, with a first operator. */

import { ensureFirstOperators, type FirstOperator } from "#campaign/access/ensure-first-operators.ts";
import { checkVersion } from "#datamodel/check-version.ts";
import { type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import { isPostriderError } from "#foundation/errors.ts";

import { isEmptyDatabase } from "./database-store.ts";

export type Preparation = {
  /** Names of the migrations that ran. */
  readonly migrations: readonly string[];
  readonly firstOperator: FirstOperator | undefined;
};

const codeOfOlder = "DBS-100006";

/**
 * Checks the version, runs the missing migrations where that is ours to do, and makes the first operator.
 * @param kind `embedded`: always brought to this version. `external`: only while it is empty, since other hosts may use it
 * @throws databaseIsNewer, databaseIsOlder, migrationFailed, and errors of the connection
 */
export async function prepareDatabase(
  address: DatabaseAddress,
  { instance, kind, environment }: { instance: string; kind: "embedded" | "external"; environment: NodeJS.ProcessEnv },
): Promise<Preparation> {
  const db = openDatabase({ address, applicationName: `watchdog@${instance}`, maxConnections: 2 });
  try {
    let migrations: readonly string[] = [];
    try {
      await checkVersion(db, instance);
    } catch (error) {
      const isOlder = isPostriderError(error) && error.code === codeOfOlder;
      if (!isOlder || !(kind === "embedded" || (await isEmptyDatabase(db)))) throw error;
      // The migrator is large and rarely needed.
      const { migrate } = await import("#datamodel/migrate.ts");
      migrations = await migrate(address);
    }
    return { migrations, firstOperator: await ensureFirstOperators(db, environment) };
  } finally {
    await db.close();
  }
}
