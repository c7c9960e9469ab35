/** `postrider config -updatedb`: brings the databases of instances to this version. */

import { isPlatformRunning } from "#channels/control.ts";
import { platformNotRunning } from "#channels/control-errors.ts";
import { migrate } from "#datamodel/migrate.ts";
import { checkDatabase } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";

import { findDatabase } from "./open-instance-database.ts";

/**
 * Runs the missing migrations of each instance.
 * @returns one line an instance
 * @throws platformNotRunning for an embedded database, which runs with the platform; databaseUnreachable, databaseRefused,
 * databaseIsNewer, migrationFailed
 */
export async function updateDatabases(home: Home, instances: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const instance of instances) {
    const address = findDatabase(home, instance);
    if (address.isEmbedded && !(await isPlatformRunning(home))) throw platformNotRunning();
    await checkDatabase(address);
    const ran = await migrate(address);
    lines.push(
      ran.length === 0 ? `${instance}: the database is of this version` : `${instance}: ran ${ran.join(", ")}`,
    );
  }
  return lines.length === 0 ? "There is no instance yet" : lines.join("\n");
}
