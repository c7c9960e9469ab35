/** One SELECT of a query while it is compiled: its table, what is joined to it, and the SELECT around it. */

import { sql } from "#foundation/sql.ts";

import type { SchemaSet } from "#schemas/schema-set.ts";
import type { Link, Schema } from "#schemas/schema.ts";

import { compileField } from "../expression/compile-field.ts";
import type { Sql } from "../expression/compile-sql.ts";
import { expressionTooLarge } from "../expression/errors.ts";
import { type Joined, type Joins, type JoinRules, planJoins } from "../expression/plan-joins.ts";
import type { PathRoot } from "../expression/resolve-path.ts";
import type { ParameterValue, ResolvedPath } from "../expression/typed.ts";
import { mayAccess } from "../rights/may-access.ts";
import { rowRights } from "../rights/row-rights.ts";
import { linkCondition, viewerParameters } from "../rights/trusted-condition.ts";
import type { Viewer } from "../viewer.ts";

import { unknownSchema } from "./errors.ts";

/** What all SELECTs of a query share. */
export type QueryWorld = {
  readonly schemas: SchemaSet;
  readonly viewer: Viewer;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** A name for a table that no other table of the query has. */
  readonly newAlias: () => string;
};

export type Scope = Joined & {
  readonly world: QueryWorld;
  readonly root: PathRoot;
  readonly joins: Joins;
  readonly outer: Scope | undefined;
  /** How many SELECTs are around it. */
  readonly depth: number;
};

/** Sub-queries, conditions on links and nested rows within each other. */
const deepest = 20;

/** Begins the compilation of a query for a viewer. */
export function openWorld(
  schemas: SchemaSet,
  viewer: Viewer,
  parameters: Readonly<Record<string, ParameterValue>> = {},
): QueryWorld {
  let made = 0;
  return {
    schemas,
    viewer,
    parameters: { ...parameters, ...viewerParameters(viewer) },
    newAlias: () => {
      made += 1;
      return `q${made}`;
    },
  };
}

/**
 * A schema that the viewer may read.
 * @throws unknownSchema also when there is one that he may not
 */
export function findReadable({ schemas, viewer }: Pick<QueryWorld, "schemas" | "viewer">, id: string): Schema {
  const schema = schemas.find(id);
  if (schema === undefined || !mayAccess(schema, viewer, "read")) throw unknownSchema({ schema: id });
  return schema;
}

/** Begins a SELECT over a schema's table. */
export function openScope(world: QueryWorld, table: Joined, outer?: Scope): Scope {
  const { schema, alias } = table;
  const depth = outer === undefined ? 0 : outer.depth + 1;
  if (depth > deepest) throw expressionTooLarge({ problem: `queries are nested more than ${deepest} levels deep` });
  const root: PathRoot = {
    schema,
    schemas: world.schemas,
    isThere: (other) => mayAccess(other, world.viewer, "read"),
    ...(outer === undefined ? {} : { outer: outer.root }),
  };
  return { schema, alias, world, root, outer, depth, joins: planJoins(schema, alias, joinRules(world)) };
}

/** Rows of links are there when the link's own condition and the viewer's rights say so. */
export function joinRules(world: QueryWorld): JoinRules {
  return {
    schemas: world.schemas,
    restrict: (link: Link, target: Joined) => {
      const conditions = [linkCondition(link, target, world), readRights(world, target)].filter(
        (condition) => condition !== undefined,
      );
      return conditions.length === 0 ? undefined : sql.join(conditions, sql` and `);
    },
  };
}

/** The condition on the rows of a table that the viewer may read; undefined = all. */
export function readRights({ schemas, viewer }: QueryWorld, table: Joined): Sql | undefined {
  return rowRights({ ...table, schemas, viewer, purpose: "read" });
}

/** The SQL of a field that a path leads to, from a SELECT or from one around it. */
export function compilePath(scope: Scope, { outward, links, field }: ResolvedPath): Sql {
  return compileField(tableAt(scope, outward, links).alias, field);
}

/** The table that links lead to, from a SELECT or from one around it; it is joined when it was not yet. */
export function tableAt(scope: Scope, outward: number, links: readonly string[]): Joined {
  let around = scope;
  for (let left = outward; left > 0 && around.outer !== undefined; left -= 1) around = around.outer;
  return around.joins.tableOf(links);
}

/** `nms_recipient as t left join ...`, with all joins that were met so far. */
export function fromClause({ schema, alias, joins }: Scope): Sql {
  return sql`${sql.table(schema.table)} as ${sql.id(alias)}${joins.toSql()}`;
}
