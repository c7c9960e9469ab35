/** Compiles a SELECT of rows: the query's own, the rows nested in others, and sub-queries. */

import { sql } from "#foundation/sql.ts";
import { schemaId } from "#schemas/schema.ts";

import type { Sql } from "../expression/compile-sql.ts";

import { type After, compileAfter } from "./compile-after.ts";
import { compileConditions } from "./compile-conditions.ts";
import { compileGroups, hasAggregate, readAliases } from "./compile-groups.ts";
import { compileOrder, completeOrder, type OrderTerm } from "./compile-order.ts";
import { compileSelect } from "./compile-select.ts";
import { queryInvalid } from "./errors.ts";
import type { Output } from "./output.ts";
import type { Position, QueryDef } from "./query-def.ts";
import { fromClause, readRights, type Scope } from "./scope.ts";
import { writeSelect } from "./write-select.ts";

export type RowsQuery = Pick<
  QueryDef,
  "select" | "where" | "groupBy" | "having" | "orderBy" | "lineCount" | "startLine" | "isDistinct"
>;

export type Paging = {
  /** Most rows; all when undefined. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** Makes the order complete, so that every row has its place. */
  readonly isOrderComplete: boolean;
  readonly after?: Position | undefined;
  readonly withPosition?: boolean;
  /** Of each list of nested rows. */
  readonly mostNested: number;
};

/** Where the rows come from when not from the scope's table alone. */
export type Source = { readonly from: () => Sql; readonly isLinked: Sql | undefined };

export type CompiledRows = {
  /** The columns are called `c1`, `c2`, ... for the outputs, and `p1`, ... for the position. */
  readonly sql: Sql;
  /** The rows behind all of these, where missing values lie apart; see `After`. */
  readonly rest: ((limit: number) => Sql) | undefined;
  readonly outputs: readonly Output[];
  readonly isGrouped: boolean;
  readonly isDistinct: boolean;
  readonly positions: number;
};

/**
 * Compiles a SELECT.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge, queryInvalid, unknownSchema
 */
export function compileRows(scope: Scope, query: RowsQuery, paging: Paging, source = sourceOf(scope)): CompiledRows {
  const outputs = compileSelect(scope, query.select, paging.mostNested);
  if (outputs.length === 0) throw invalid(scope, "it selects nothing");
  const aliases = readAliases(query, outputs);
  const where = compileConditions(scope, query.where ?? [], { aggregates: "refused" });
  const having = compileConditions(scope, query.having ?? [], { aggregates: "allowed", aliases });
  const groups = compileGroups(scope, query, outputs, aliases);
  const isGrouped = groups.length > 0 || having !== undefined || outputs.some(({ typed }) => hasAggregate(typed));
  const isDistinct = query.isDistinct === true;
  if ((isGrouped || isDistinct) && outputs.some(({ typed }) => typed === undefined))
    throw invalid(scope, "lists of nested rows cannot stand in what is grouped or distinct");
  const terms = compileOrder(scope, query.orderBy ?? [], outputs, { isGrouped, isDistinct, aliases });
  const added = paging.isOrderComplete ? completeOrder(scope, terms, outputs, isGrouped || isDistinct) : [];
  const order = [...terms, ...added];
  const positions = paging.withPosition === true || paging.after !== undefined ? order : [];
  if (positions.length > 0 && (isGrouped || isDistinct))
    throw invalid(scope, "what is grouped or distinct is paged by startLine");
  const after = readAfter(scope, order, paging.after);
  const shownPositions = paging.withPosition === true ? positions : [];
  const write = (condition: Sql | undefined, limit: number | undefined): Sql =>
    writeSelect({
      isDistinct,
      columns: [
        ...outputs.map(({ sql: value }, index) => sql`${value} as ${sql.raw(`c${index + 1}`)}`),
        ...shownPositions.map((term, index) => sql`(${term.sql})::text as ${sql.raw(`p${index + 1}`)}`),
      ],
      from: source.from(),
      conditions: [source.isLinked, readableRows(scope, source), where, condition],
      groups,
      having,
      order,
      limit,
      offset: paging.offset,
    });
  return {
    sql: write(after?.condition, paging.limit),
    rest: after?.missing === undefined ? undefined : (limit) => write(after.missing, limit),
    outputs,
    isGrouped,
    isDistinct,
    positions: shownPositions.length,
  };
}

function sourceOf(scope: Scope): Source {
  return { from: () => fromClause(scope), isLinked: undefined };
}

/** Linked rows are checked where they are joined. */
function readableRows(scope: Scope, source: Source): Sql | undefined {
  return source.isLinked === undefined ? readRights(scope.world, scope) : undefined;
}

function readAfter(scope: Scope, order: readonly OrderTerm[], position: Position | undefined): After | undefined {
  if (position === undefined) return undefined;
  if (position.length !== order.length)
    throw invalid(scope, `the position to start after has ${position.length} values, the order ${order.length}`);
  return compileAfter(order, position);
}

function invalid({ schema }: Scope, problem: string): Error {
  return queryInvalid({ schema: schemaId(schema), problem });
}
