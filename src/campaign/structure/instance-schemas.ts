/** The schemas of an instance: the product's with the operators' extensions, as the tables have them. */

import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";
import { builtInSchemas, type SchemaSet } from "#schemas/schema-set.ts";

import { readAppliedDocuments, readAppliedVersion } from "./src-schema-store.ts";

type Known = { readonly schemas: SchemaSet; checkedMs: number };

/** Other processes change the structure: after this time what is known is compared with the database. */
const goodForMs = 1_000;

/** By database: several instances live in one process. */
const knownByDatabase = new Map<string, Known>();

/**
 * The schemas that queries of an instance go by. A change of the structure is seen within a second.
 * What cannot be read any more is left out, with a line in the log: the product's own schemas always work.
 */
export async function schemasOf(context: Pick<Context, "db" | "clock" | "log">): Promise<SchemaSet> {
  const { db, clock, log } = context;
  const known = knownByDatabase.get(db.where);
  if (known !== undefined && clock.elapsedMs() - known.checkedMs < goodForMs) return known.schemas;
  // Whoever comes while it is compared goes by what is known.
  if (known !== undefined) known.checkedMs = clock.elapsedMs();
  const version = await readAppliedVersion(db).catch((error: unknown) => {
    if (known !== undefined) known.checkedMs = Number.NEGATIVE_INFINITY;
    throw error;
  });
  const isSame = known !== undefined && known.schemas.version === versionName(version);
  const schemas = isSame ? known.schemas : version === "" ? builtInSchemas : await load(context, version);
  if (!isSame) log.debug("schemas.read", { version: schemas.version, schemas: schemas.all().length });
  knownByDatabase.set(db.where, { schemas, checkedMs: clock.elapsedMs() });
  return schemas;
}

function versionName(version: string): string {
  return version === "" ? builtInSchemas.version : version;
}

/** What was usable once may not be with another version of the product. */
async function load({ db, log }: Pick<Context, "db" | "log">, version: string): Promise<SchemaSet> {
  const { mergeWhatFits } = await import("./merge-what-fits.ts");
  const { schemas, leftOut } = mergeWhatFits(await readAppliedDocuments(db));
  for (const { schema, error } of leftOut) log.error("schemas.left_out", { schema, reason: describeError(error) });
  return schemaSet(schemas, version);
}

/** A set of schemas, looked up by name. */
export function schemaSet(schemas: readonly Schema[], version: string): SchemaSet {
  const byId = new Map(schemas.map((schema) => [schemaId(schema), schema]));
  return { find: (id) => byId.get(id), all: () => schemas, version };
}
