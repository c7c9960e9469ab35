/** Opens an instance's database for a command. */

import { databaseAddress } from "#channels/platform/database-address.ts";
import { databaseSettings } from "#foundation/common-settings.ts";
import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import { type Home, listInstances } from "#foundation/home.ts";
import { unknownInstance } from "#foundation/home-errors.ts";
import { readInstanceSettings } from "./read-instance-settings.ts";

const connectTimeoutMs = 5_000;

/**
 * Where an instance's settings say that its database is.
 * @throws invalidSettings
 */
export function findDatabase(home: Home, instance: string): DatabaseAddress & { readonly isEmbedded: boolean } {
  const settings = readInstanceSettings(home, instance);
  return { ...databaseAddress(home, instance, settings), isEmbedded: settings.of(databaseSettings).url === "" };
}

/**
 * The instance that a command means when it names none: the only one, or `main`.
 * @throws unknownInstance
 */
export function findDefaultInstance(home: Home): string {
  const known = listInstances(home);
  const name = (known.length === 1 ? known[0] : undefined) ?? "main";
  if (!known.includes(name)) throw unknownInstance({ name, known });
  return name;
}

/** Does work on an instance's database, and closes it. */
export async function withDatabase<T>(home: Home, instance: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase({
    address: findDatabase(home, instance),
    applicationName: `command@${instance}`,
    maxConnections: 1,
    connectTimeoutMs,
  });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
