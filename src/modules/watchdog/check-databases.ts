/** Finds faults in the databases that the settings name, before any is tried. */

import { databaseAddress } from "#channels/platform/database-address.ts";
import { describeAddress } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";
import type { Settings } from "#foundation/settings.ts";

import { sharedDatabase } from "./errors.ts";

/**
 * Checks that every address can be read and that no two instances share a database.
 * @throws invalidDatabaseUrl, sharedDatabase
 */
export function checkDatabases(home: Home, instances: ReadonlyMap<string, Settings>): void {
  const users = new Map<string, string[]>();
  for (const [instance, settings] of instances) {
    const where = describeAddress(databaseAddress(home, instance, settings));
    users.set(where, [...(users.get(where) ?? []), instance]);
  }
  for (const [where, names] of users) {
    if (names.length > 1) throw sharedDatabase({ instances: names, where });
  }
}
