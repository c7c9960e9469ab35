/** Where the embedded PostgreSQL of an instance listens: a Unix socket in a folder that only its user may enter. */

import { join } from "node:path";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";

import type { DatabaseAddress } from "#foundation/database.ts";
import { type Home, parseInstanceName } from "#foundation/home.ts";
import { isReachableByOthers } from "#foundation/reachable.ts";

/** Socket paths end at 107 bytes, and PostgreSQL adds `/.s.PGSQL.5432.lock`. */
const longestSocketFolder = 85;

/** The folder of the socket: below `var/<instance>` where that is short and reachable, else in the temporary folder. */
export function socketFolder(home: Home, instance: string): string {
  const folder = join(home.var, parseInstanceName(instance), "pg");
  const isShort = Buffer.byteLength(folder) <= longestSocketFolder;
  if (isShort && (process.getuid?.() !== 0 || isReachableByOthers(home.root))) return folder;
  const hash = createHash("sha256").update(home.root).digest("hex").slice(0, 12);
  return join(tmpdir(), `postrider-pg-${process.getuid?.() ?? 0}-${hash}-${instance}`);
}

/** The name of an instance's database. */
export function databaseName(instance: string): string {
  return `postrider_${parseInstanceName(instance)}`;
}

/** How to connect to the embedded database of an instance, or to another database of that server. */
export function embeddedAddress(
  home: Home,
  instance: string,
  database: string = databaseName(instance),
): DatabaseAddress {
  return { url: `postgres://postrider@localhost/${database}?host=${encodeURIComponent(socketFolder(home, instance))}` };
}
