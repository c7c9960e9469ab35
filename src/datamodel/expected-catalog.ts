/** What the schemas say, as PostgreSQL itself understands it: built in a scratch namespace, read, and taken away again. */

import { randomBytes } from "node:crypto";

import type { Database, Statements } from "#foundation/database.ts";
import type { Schema } from "#schemas/schema.ts";

import type { CatalogTable } from "./catalog.ts";
import { dropNamespace, enterNewNamespace, readCatalog, runDefinition } from "./catalog-store.ts";
import { createTableStatements } from "./schema-to-sql.ts";

/** The catalog of a database that holds exactly what the schemas imply; nothing is left behind. */
export function readExpectedCatalog(db: Database, schemas: readonly Schema[]): Promise<CatalogTable[]> {
  return db.transaction((tx) => readExpectedWithin(tx, schemas));
}

/** The same within a transaction that goes on. */
export async function readExpectedWithin(tx: Statements, schemas: readonly Schema[]): Promise<CatalogTable[]> {
  const namespace = `expected_${randomBytes(6).toString("hex")}`;
  await enterNewNamespace(tx, namespace);
  for (const statement of schemas.flatMap(createTableStatements)) await runDefinition(tx, statement);
  const catalog = await readCatalog(tx, namespace);
  await dropNamespace(tx, namespace);
  return catalog;
}
