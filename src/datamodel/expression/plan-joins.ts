/** Collects the tables that an expression's paths lead through, each once, and writes their joins. */

import { sql } from "#foundation/sql.ts";

import { findSchema } from "#schemas/index.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import { schemaInconsistent } from "../errors.ts";

import type { Sql } from "./compile-sql.ts";
import { expressionTooLarge } from "./errors.ts";

const mostJoins = 10;

export type Joins = {
  /** The alias of the table behind a path of links; the join is added when the path is new. */
  aliasOf(links: readonly string[]): string;
  /** ` left join ...` for all paths met so far; empty when there was none. */
  toSql(): Sql;
};

/**
 * Begins the joins of a query over a schema. A link to nowhere gives nulls, so every join is a left join; it goes to
 * the target's key, so rows never multiply.
 */
export function planJoins(schema: Schema, rootAlias: string): Joins {
  const joined = new Map<string, { alias: string; schema: Schema }>([["", { alias: rootAlias, schema }]]);
  const clauses: Sql[] = [];

  const reach = (links: readonly string[]): { alias: string; schema: Schema } => {
    const known = joined.get(links.join("/"));
    if (known !== undefined) return known;
    const from = reach(links.slice(0, -1));
    const link = from.schema.links?.[links.at(-1) ?? ""];
    const target = link === undefined ? undefined : findSchema(link.target);
    if (link === undefined || target === undefined)
      throw schemaInconsistent({
        schema: schemaId(from.schema),
        problem: `its link ${links.at(-1) ?? ""} leads nowhere`,
      });
    if (clauses.length === mostJoins) throw expressionTooLarge({ problem: `it follows more than ${mostJoins} links` });
    const alias = `${rootAlias}_${clauses.length + 1}`;
    const conditions = link.join.map(
      (pair) =>
        sql`${sql.ref(`${alias}.${columnOf(target, pair.to)}`)} = ${sql.ref(`${from.alias}.${columnOf(from.schema, pair.from)}`)}`,
    );
    clauses.push(sql` left join ${sql.table(target.table)} as ${sql.id(alias)} on ${sql.join(conditions, sql` and `)}`);
    const added = { alias, schema: target };
    joined.set(links.join("/"), added);
    return added;
  };

  return {
    aliasOf: (links) => reach(links).alias,
    toSql: () => (clauses.length === 0 ? sql`` : sql.join(clauses, sql``)),
  };
}

function columnOf(schema: Schema, attribute: string): string {
  const found = schema.attributes[attribute];
  if (found === undefined)
    throw schemaInconsistent({ schema: schemaId(schema), problem: `it has no attribute ${attribute} to join on` });
  return found.column;
}
