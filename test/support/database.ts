/** Gives each test a database of its own: of the run's server, or of one started for this file when it is run alone. */

import { randomBytes } from "node:crypto";
import { after } from "node:test";

import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";

import type { Ending } from "./endings.ts";
import { type Cluster, startCluster, templateName } from "./cluster.ts";
import { copyDatabase, createEmptyDatabase, dropDatabase } from "./cluster-store.ts";

let own: Promise<Cluster> | undefined;

// Registered while the file loads, so that it belongs to the file and not to the test that asks first.
after(async () => (await own)?.stop());

/** A migrated database, dropped at the end of the test. */
export async function aDatabase(t: Ending): Promise<Database> {
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 5 });
  t.after(() => db.close());
  return db;
}

/** The address of a migrated database, for processes that open it themselves; dropped at the end of the test. */
export function aDatabaseAddress(t: Ending): Promise<DatabaseAddress> {
  return makeDatabase(t, (admin, name) => copyDatabase(admin, name, templateName));
}

/** The same without any table of ours. */
export function anEmptyDatabaseAddress(t: Ending): Promise<DatabaseAddress> {
  return makeDatabase(t, createEmptyDatabase);
}

async function makeDatabase(
  t: Ending,
  create: (admin: Database, name: string) => Promise<void>,
): Promise<DatabaseAddress> {
  const addressOf = await findServer();
  const name = `test_${randomBytes(6).toString("hex")}`;
  const administer = async (work: (admin: Database) => Promise<void>): Promise<void> => {
    const admin = openDatabase({ address: addressOf("postgres"), applicationName: "test-admin", maxConnections: 1 });
    try {
      await work(admin);
    } finally {
      await admin.close();
    }
  };
  await administer((admin) => create(admin, name));
  t.after(() => administer((admin) => dropDatabase(admin, name)));
  return addressOf(name);
}

async function findServer(): Promise<(database: string) => DatabaseAddress> {
  const shared = process.env["POSTRIDER_TEST_SERVER"];
  if (shared !== undefined) return (database) => ({ url: shared.replace("DATABASE", database) });
  own ??= startCluster();
  return (await own).address;
}
