/** Prints the draft of a migration: what must change in a database of the present migrations to be as the schemas say. */

import { readCatalog } from "#datamodel/catalog-store.ts";
import { draftMigration } from "#datamodel/draft-migration.ts";
import { readExpectedCatalog } from "#datamodel/expected-catalog.ts";
import { schemas } from "#schemas/index.ts";

import { withMigratedDatabase } from "./migrated-database.ts";

const draft = await withMigratedDatabase(async (db) =>
  draftMigration(await readCatalog(db), await readExpectedCatalog(db, schemas)),
);

if (draft.length === 0) process.stdout.write("The schemas and the migrations agree: there is nothing to change.\n");
else process.stdout.write(`-- (say here why)\n\n${draft.join("\n")}\n`);
