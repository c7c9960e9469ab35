/** Finds what must change in the database so that it holds what operators' schemas ask for. */

import type { Statements } from "#foundation/database.ts";
import { type Attribute, type Schema, schemaId } from "#schemas/schema.ts";

import type { CatalogTable } from "../catalog.ts";
import { readCatalog } from "../catalog-store.ts";
import { draftMigration } from "../draft-migration.ts";
import { readExpectedWithin } from "../expected-catalog.ts";
import { convertColumn, losesValues } from "./convert-column.ts";
import { extensionInvalid } from "./errors.ts";

export type StructurePlan = {
  /** Statements in order, each ending in a semicolon. */
  readonly statements: readonly string[];
  /** What the statements would take away, with what is in it. */
  readonly losses: readonly string[];
  /** What no schema asks for any more, and what stays since nothing may be lost. */
  readonly kept: readonly string[];
};

/** Stands as a comment on each table, column and index that an operator's schema made: only these are ever dropped. */
const mark = "Made from a schema of this instance";

/**
 * Compares the database with the merged schemas. Tables, columns and indexes that someone made by hand are left alone.
 * @param tx a transaction, in which a copy of the wanted tables is made and taken away again
 * @param given.merged the product's schemas with the operators' merged in
 * @param given.mayLose columns and tables go whose schemas are gone
 * @throws extensionInvalid
 */
export async function planStructure(
  tx: Statements,
  { builtIn, merged, mayLose }: { builtIn: readonly Schema[]; merged: readonly Schema[]; mayLose: boolean },
): Promise<StructurePlan> {
  const all = await readCatalog(tx);
  const shipped = new Map(builtIn.map((schema) => [schemaId(schema), schema]));
  const marked = new Set(all.filter(isMarked).map(({ name }) => name));
  const concerned = merged.filter((schema) => shipped.get(schemaId(schema)) !== schema || marked.has(schema.table));
  if (concerned.length === 0 && marked.size === 0) return { statements: [], losses: [], kept: [] };
  refuseForeignTables(concerned, shipped, all);
  const expected = await readExpectedWithin(
    tx,
    concerned.map((schema) => asTable(schema, shipped.get(schemaId(schema)))),
  );
  const wanted = new Map(expected.map((table) => [table.name, table]));
  const gone = all.filter(isMarked).flatMap((table) => listGone(table, wanted.get(table.name)));
  const actual = all
    .filter(({ name, comment }) => wanted.has(name) || (mayLose && comment === mark))
    .map((table) => withoutForeign(table, wanted.get(table.name), mayLose));
  return {
    statements: [...draftMigration(actual, expected, convertColumn), ...markWhatIsNew(actual, expected)],
    losses: [...(mayLose ? gone : []), ...listConversions(actual, wanted)],
    kept: mayLose ? [] : gone,
  };
}

function isMarked({ comment, columns, indexes }: CatalogTable): boolean {
  return comment === mark || [...columns, ...indexes].some((part) => part.comment === mark);
}

function refuseForeignTables(
  concerned: readonly Schema[],
  shipped: ReadonlyMap<string, Schema>,
  all: readonly CatalogTable[],
): void {
  for (const schema of concerned) {
    const found = all.find(({ name }) => name === schema.table);
    if (found !== undefined && found.comment !== mark && !shipped.has(schemaId(schema)))
      throw extensionInvalid({
        schema: schemaId(schema),
        problem: `there is a table ${schema.table} that no schema made; rename it, or the schema`,
      });
  }
}

/**
 * The schema as its table is made. Roads on which rows come without knowing a field, such as imports, stay open: what is
 * required, and which words are allowed, the writer sees to.
 */
function asTable(schema: Schema, shipped: Schema | undefined): Schema {
  const entries = Object.entries<Attribute>(schema.attributes).map(([path, attribute]) => {
    if (shipped?.attributes[path] !== undefined) return [path, shipped.attributes[path]] as const;
    const { required: _required, enumeration: _enumeration, ...stored } = attribute;
    return [path, stored] as const;
  });
  return { ...schema, attributes: Object.fromEntries(entries) };
}

function listGone(table: CatalogTable, wanted: CatalogTable | undefined): string[] {
  if (wanted === undefined && table.comment === mark) return [`the table ${table.name}`];
  const names = new Set(wanted?.columns.map(({ name }) => name));
  return table.columns
    .filter(({ name, comment }) => comment === mark && !names.has(name))
    .map(({ name }) => `the column ${table.name}.${name}`);
}

/** The table without what neither we nor the product made, and without what has to stay. */
function withoutForeign(table: CatalogTable, wanted: CatalogTable | undefined, mayLose: boolean): CatalogTable {
  if (wanted === undefined) return table;
  const columns = new Set(wanted.columns.map(({ name }) => name));
  const indexes = new Set(wanted.indexes.map(({ name }) => name));
  const constraints = new Set(wanted.constraints.map(({ name }) => name));
  return {
    ...table,
    columns: table.columns.filter(({ name, comment }) => columns.has(name) || (mayLose && comment === mark)),
    indexes: table.indexes.filter(({ name, comment }) => indexes.has(name) || comment === mark),
    constraints: table.constraints.filter(({ name }) => constraints.has(name)),
  };
}

function markWhatIsNew(actual: readonly CatalogTable[], expected: readonly CatalogTable[]): string[] {
  const before = new Map(actual.map((table) => [table.name, table]));
  return expected.flatMap((table) => {
    const former = before.get(table.name);
    const known = new Set(former?.columns.map(({ name }) => name));
    const indexed = new Set(former?.indexes.map(({ definition }) => definition));
    return [
      ...(former === undefined ? [`comment on table ${table.name} is '${mark}';`] : []),
      ...table.columns
        .filter(({ name }) => !known.has(name))
        .map(({ name }) => `comment on column ${table.name}.${name} is '${mark}';`),
      ...table.indexes
        .filter(({ definition }) => !indexed.has(definition))
        .map(({ name }) => `comment on index ${name} is '${mark}';`),
    ];
  });
}

function listConversions(actual: readonly CatalogTable[], wanted: ReadonlyMap<string, CatalogTable>): string[] {
  return actual.flatMap((table) =>
    table.columns.flatMap(({ name, type }) => {
      const after = wanted.get(table.name)?.columns.find((column) => column.name === name);
      return after !== undefined && losesValues(type, after.type)
        ? [`parts of values of ${table.name}.${name}, which becomes ${after.type}`]
        : [];
    }),
  );
}
