/** Collects the tables that a query's paths lead through, each once, and writes their joins. */

import { sql } from "#foundation/sql.ts";

import type { SchemaSet } from "#schemas/schema-set.ts";
import { type Link, type Schema, schemaId } from "#schemas/schema.ts";

import { columnOf } from "../column-of.ts";
import { schemaInconsistent } from "../errors.ts";

import type { Sql } from "./compile-sql.ts";
import { expressionTooLarge } from "./errors.ts";

const mostJoins = 30;

export type Joins = {
  /** The alias of the table behind a path of links; the join is added when the path is new. */
  aliasOf(links: readonly string[]): string;
  /** The same table with its schema. */
  tableOf(links: readonly string[]): Joined;
  /** ` left join ...` for all paths met so far; empty when there was none. */
  toSql(): Sql;
  /** Whether anything was joined. */
  isAnywhere(): boolean;
  /** The tables whose joins give several rows for one of the query's own. */
  multiplying(): readonly Joined[];
};

export type Joined = { readonly alias: string; readonly schema: Schema };

export type JoinRules = {
  readonly schemas: SchemaSet;
  /** Which rows of a link's target are there; all when undefined. */
  readonly restrict?: (link: Link, target: Joined) => Sql | undefined;
};

/**
 * Begins the joins of a query over a schema. A link to nowhere gives nulls, so every join is a left join; what `restrict`
 * leaves out is as if not linked.
 */
export function planJoins(schema: Schema, rootAlias: string, rules: JoinRules): Joins {
  const joined = new Map<string, Joined>([["", { alias: rootAlias, schema }]]);
  const clauses: Sql[] = [];
  const multiplying: Joined[] = [];

  const reach = (links: readonly string[]): Joined => {
    const known = joined.get(links.join("/"));
    if (known !== undefined) return known;
    const from = reach(links.slice(0, -1));
    if (clauses.length === mostJoins) throw expressionTooLarge({ problem: `it follows more than ${mostJoins} links` });
    const { link, target } = linkOf(from.schema, links.at(-1) ?? "", rules.schemas);
    const added = { alias: `${rootAlias}_${clauses.length + 1}`, schema: target };
    clauses.push(
      sql` left join ${sql.table(target.table)} as ${sql.id(added.alias)} on ${joinCondition(from, link, added, rules)}`,
    );
    if (link.cardinality === "many") multiplying.push(added);
    joined.set(links.join("/"), added);
    return added;
  };

  return {
    aliasOf: (links) => reach(links).alias,
    tableOf: reach,
    toSql: () => (clauses.length === 0 ? sql`` : sql.join(clauses, sql``)),
    isAnywhere: () => clauses.length > 0,
    multiplying: () => multiplying,
  };
}

/** What makes rows of a link's target belong to a row. */
export function joinCondition(from: Joined, link: Link, target: Joined, rules: JoinRules): Sql {
  const equal = link.join.map(
    (pair) =>
      sql`${sql.ref(`${target.alias}.${columnOf(target.schema, pair.to)}`)} = ${sql.ref(`${from.alias}.${columnOf(from.schema, pair.from)}`)}`,
  );
  const restriction = rules.restrict?.(link, target);
  return sql.join(restriction === undefined ? equal : [...equal, restriction], sql` and `);
}

/** A link of a schema with the schema it leads to. */
export function linkOf(schema: Schema, name: string, schemas: SchemaSet): { link: Link; target: Schema } {
  const link = schema.links?.[name];
  const target = link === undefined ? undefined : schemas.find(link.target);
  if (link === undefined || target === undefined)
    throw schemaInconsistent({ schema: schemaId(schema), problem: `its link ${name} leads nowhere` });
  return { link, target };
}
