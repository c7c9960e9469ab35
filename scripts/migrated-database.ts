/** Lends a script a database as the migrations make it, on a server of its own. */

import { type Database, openDatabase } from "#foundation/database.ts";
import { startCluster, templateName } from "#test/support/cluster.ts";

/** Runs work on a freshly migrated database, which is gone afterwards. */
export async function withMigratedDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const cluster = await startCluster();
  try {
    const db = openDatabase({
      address: cluster.address(templateName),
      applicationName: "postrider-script",
      maxConnections: 2,
    });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  } finally {
    await cluster.stop();
  }
}
