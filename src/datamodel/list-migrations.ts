/** The migrations of this version, as they lie in `database/migrations`. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { programFolder } from "#foundation/home.ts";

const migrationsFolder = join(programFolder, "database", "migrations");

export type Migration = { readonly name: string; readonly text: string };

/** The migrations of this version, in order: `0001-main-path`, ... */
export function listMigrations(folder: string = migrationsFolder): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file))
    .sort()
    .map((file) => ({ name: file.slice(0, -".sql".length), text: readFileSync(join(folder, file), "utf8") }));
}
