/** A PostgreSQL server for tests: real binaries, no waiting for the disk, gone when the tests end. */

import { rmSync } from "node:fs";
import { join } from "node:path";

import { migrate } from "#datamodel/migrate.ts";
import type { DatabaseAddress } from "#foundation/database.ts";
import { startEmbeddedPostgres } from "#foundation/embedded-postgres.ts";

import { makeFolder } from "./temporary-folder.ts";

export type Cluster = {
  /** The address of a database of the server. */
  address(database: string): DatabaseAddress;
  stop(): Promise<void>;
};

export const templateName = "postrider_template";

/** Starts a server with a database that is migrated, to copy others from. */
export async function startCluster(): Promise<Cluster> {
  const folder = makeFolder();
  const socketFolder = join(folder, "s");
  const address = (database: string): DatabaseAddress => ({
    url: `postgres://postrider@localhost/${database}?host=${encodeURIComponent(socketFolder)}`,
  });
  const lines: string[] = [];
  const server = await startEmbeddedPostgres({
    dataFolder: join(folder, "data"),
    socketFolder,
    databaseName: templateName,
    maintenanceAddress: address("postgres"),
    sharedBuffersMb: 128,
    onLine: (line) => void lines.push(line),
    isDurable: false,
  });
  await migrate(address(templateName));
  return {
    address,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
