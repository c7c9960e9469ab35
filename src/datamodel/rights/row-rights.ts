/** Which rows of a schema a viewer may read, write or delete, as a condition that is part of the statement. */

import { sql } from "#foundation/sql.ts";

import type { SchemaSet } from "#schemas/schema-set.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import { schemaInconsistent } from "../errors.ts";
import type { Sql } from "../expression/compile-sql.ts";
import { columnOf } from "../column-of.ts";
import { joinCondition, linkOf } from "../expression/plan-joins.ts";
import { holdsRight, isServer, type Viewer } from "../viewer.ts";

import { allowedFolders, type Purpose } from "./allowed-folders.ts";
import { filterConditions } from "./filter-conditions.ts";
import { mayAccess } from "./may-access.ts";
import { linkCondition } from "./trusted-condition.ts";

/** Rows whose rights are those of rows whose rights ... */
const longestChain = 5;

export type RowRights = {
  readonly schema: Schema;
  readonly schemas: SchemaSet;
  readonly viewer: Viewer;
  readonly purpose: Purpose;
  /** How the statement calls the schema's table. */
  readonly alias: string;
};

/**
 * The condition on the rows a viewer may read, write or delete: undefined = every row. It joins nothing to the statement.
 * It has to stand wherever the table is read, so that no road tells what may not be seen from what is not there.
 */
export function rowRights(rights: RowRights): Sql | undefined {
  return compileRights(rights, 0);
}

function compileRights(rights: RowRights, depth: number): Sql | undefined {
  const { schema, viewer } = rights;
  if (isServer(viewer)) return undefined;
  if (depth > longestChain)
    throw schemaInconsistent({ schema: schemaId(schema), problem: "its rightsThrough does not end" });
  if (!mayAccess(schema, viewer, rights.purpose === "read" ? "read" : "write")) return sql`false`;
  const conditions = [...filterConditions(rights)];
  if (!holdsRight(viewer, "admin")) conditions.push(...folderConditions(rights), ...linkedConditions(rights, depth));
  return conditions.length === 0 ? undefined : sql`(${sql.join(conditions, sql` and `)})`;
}

/** The list of folders is computed once in a statement; as an array an index on the folder can serve it. */
function folderConditions({ schema, alias, viewer, purpose }: RowRights): Sql[] {
  if (schema.folderAttribute === undefined) return [];
  const folder = sql.id(alias, columnOf(schema, schema.folderAttribute));
  return [sql`${folder} = any(array(${allowedFolders(viewer, purpose)}))`];
}

/** A link that leads nowhere leaves the row to those who may do the same at the root of the tree. */
function linkedConditions(rights: RowRights, depth: number): Sql[] {
  const { schema, schemas, alias, viewer, purpose } = rights;
  return (schema.rightsThrough ?? []).flatMap((name, index) => {
    const { link, target } = linkOf(schema, name, schemas);
    const inner = { schema: target, alias: `${alias}_r${index}` };
    const right = compileRights({ ...rights, ...inner }, depth + 1);
    if (right === undefined) return [];
    const isLinked = joinCondition({ schema, alias }, link, inner, {
      schemas,
      restrict: () => linkCondition(link, inner, rights),
    });
    const from = sql`${sql.table(target.table)} as ${sql.id(inner.alias)}`;
    const isOfRoot = sql`0 = any(array(${allowedFolders(viewer, purpose)}))`;
    // Not EXISTS: PostgreSQL would gather every row that may be read in order to answer for a few.
    return [sql`coalesce((select bool_and(${right}) from ${from} where ${isLinked}), ${isOfRoot})`];
  });
}
