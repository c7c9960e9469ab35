/**
 * Writes database/schema.sql: what the migrations make of an empty database, as the catalog describes it.
 * With --check it writes nothing, and fails when the file is stale.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { readCatalog, readFoundations } from "#datamodel/catalog-store.ts";
import { renderTable } from "#datamodel/render-catalog.ts";
import { programFolder } from "#foundation/home.ts";

import { withMigratedDatabase } from "./migrated-database.ts";

const file = join(programFolder, "database", "schema.sql");
const heading =
  "-- Made by `npm run db:dump` from the migrations; not run by anything. Read it, change it through a migration.\n";

const { foundations, tables } = await withMigratedDatabase(async (db) => ({
  foundations: await readFoundations(db),
  tables: await readCatalog(db),
}));
const text = `${[heading, foundations.map((statement) => `${statement};`).join("\n"), ...tables.map(renderTable)].join("\n\n").trim()}\n`;

if (process.argv.includes("--check")) {
  if (readIfThere() !== text) {
    process.stderr.write(
      "database/schema.sql is not what the migrations make. Run: npm run db:dump (CONVENTIONS, rule 17)\n",
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
  process.stdout.write(`database/schema.sql: ${tables.length} tables\n`);
}

function readIfThere(): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
