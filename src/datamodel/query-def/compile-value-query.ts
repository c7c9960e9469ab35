/** Compiles a sub-query that selects one value, for IN and NOT IN. */

import { sql } from "#foundation/sql.ts";

import { compileSql, type Sql } from "../expression/compile-sql.ts";
import type { Typed } from "../expression/typed.ts";

import { compileRows } from "./compile-rows.ts";
import { queryInvalid } from "./errors.ts";
import type { QueryDef } from "./query-def.ts";
import { findReadable, openScope, type Scope } from "./scope.ts";

export type ValueQuery = {
  /** What it selects, to be brought to one kind with what it is compared to. */
  readonly value: Typed;
  /** The SELECT of that value, converted. */
  readonly compile: (value: Typed) => Sql;
};

/**
 * Compiles a sub-query; in it `../` is the row of the query around it.
 * @throws unknownSchema, queryInvalid when it does not select exactly one value
 */
export function compileValueQuery(outer: Scope, query: QueryDef): ValueQuery {
  const { world } = outer;
  const schema = findReadable(world, query.schema);
  const scope = openScope(world, { schema, alias: world.newAlias() }, outer);
  const rows = compileRows(scope, query, {
    limit: query.lineCount,
    offset: query.startLine,
    isOrderComplete: false,
    mostNested: 0,
  });
  const [only, ...others] = rows.outputs;
  if (only?.typed === undefined || others.length > 0)
    throw queryInvalid({ schema: query.schema, problem: "a sub-query of IN selects exactly one value" });
  const alias = world.newAlias();
  const label = "value of the sub-query";
  const field = {
    kind: "stored",
    path: label,
    type: "string",
    label,
    declaration: { type: "string", column: "c1", label },
  } as const;
  const value: Typed = { node: "attribute", kind: only.typed.kind, path: { outward: 0, links: [], field } };
  return {
    value,
    compile: (converted) => {
      if (converted === value) return rows.sql;
      const shape = {
        timezone: world.viewer.timezone,
        hasRight: () => false,
        columnOf: (): Sql => sql.id(alias, "c1"),
      };
      return sql`select ${compileSql(converted, shape)} from (${rows.sql}) as ${sql.id(alias)}`;
    },
  };
}
