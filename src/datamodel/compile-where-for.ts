/** Compiles a condition on behalf of someone: the rows that meet it and that he may read. */

import { sql } from "#foundation/sql.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import { type CompiledWhere, compileWhere, type WhereOptions } from "./compile-where.ts";
import { compileRows } from "./query-def/compile-rows.ts";
import { findReadable, openScope, openWorld } from "./query-def/scope.ts";
import { rowRights } from "./rights/row-rights.ts";
import { columnOf } from "./column-of.ts";
import { holdsRight, type Viewer } from "./viewer.ts";

/**
 * As `compileWhere`, within the rights of a viewer: rows that he may not read are as if absent, also behind links.
 * The schema's primary key is one attribute.
 * @throws unknownSchema when he may not read the schema at all, and as `compileWhere`
 */
export function compileWhereFor(
  viewer: Viewer,
  schema: Schema,
  expression: string,
  options: WhereOptions = {},
): CompiledWhere {
  const { alias = "t", schemas = builtInSchemas, parameters = {}, timezone = viewer.timezone } = options;
  const rights = rowRights({ schema, schemas, viewer, purpose: "read", alias });
  if (holdsRight(viewer, "admin") && rights === undefined) return compileWhere(schema, expression, options);
  const world = openWorld(schemas, { ...viewer, timezone }, parameters);
  const scope = openScope(world, { schema: findReadable(world, schemaId(schema)), alias: world.newAlias() });
  const [key = ""] = schema.keys[0].attributes;
  const readable = compileRows(
    scope,
    {
      select: [{ expr: `@${key}` }],
      ...(expression.trim() === "" ? {} : { where: [{ kind: "expression", expr: expression }] }),
    },
    { isOrderComplete: false, mostNested: 0 },
  );
  return {
    from: sql`${sql.table(schema.table)} as ${sql.id(alias)}`,
    joins: sql``,
    where: sql`${sql.id(alias, columnOf(schema, key))} in (${readable.sql})`,
  };
}
