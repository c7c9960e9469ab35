/**
 * Keeps what PostgreSQL says of values from telling about rows that the viewer may not read. In a WHERE it computes
 * conditions in an order of its own: a division that fails, or a number out of range, would be an answer about such a row.
 */

import { sql } from "#foundation/sql.ts";

import type { Sql } from "../expression/compile-sql.ts";
import { columnOf } from "../column-of.ts";
import type { Joined } from "../expression/plan-joins.ts";
import type { Typed } from "../expression/typed.ts";

import { readRights, type Scope, tableAt } from "./scope.ts";

/** Functions that answer something for every operand of their kinds. */
const safeFunctions = new Set(
  ["Lower", "Upper", "Length", "Left", "Right", "Ltrim", "Rtrim", "Charindex", "IsEmptyString", "Coalesce", "NoNull"]
    .concat(["Iif", "GetEmailDomain", "JuxtWords", "JuxtWords3", "hasNamedRight", "GetDate", "Year", "Month", "Day"])
    .map((name) => name.toLowerCase()),
);

/**
 * A condition that is computed for a row only after it is known that the viewer may read the rows it is about. Conditions that
 * cannot fail stay as they are, so that an index can serve them.
 */
export function guardFailure(scope: Scope, typed: Typed, condition: Sql): Sql {
  if (!mayFail(typed)) return condition;
  const rights = rightsOn(scope, typed);
  return rights.length === 0 ? condition : sql`(case when ${sql.join(rights, sql` and `)} then ${condition} end)`;
}

/** True when there are values for which the expression has no answer but an error. */
export function mayFail(typed: Typed): boolean {
  return failsItself(typed) || partsOf(typed).some(mayFail);
}

function failsItself(typed: Typed): boolean {
  if (typed.node === "sum" || typed.node === "negative") return true;
  if (typed.node === "call") return !safeFunctions.has(typed.declaration.name.toLowerCase());
  if (typed.node === "cast") return typed.operand.kind !== "integer" && typed.operand.kind !== "boolean";
  // What lies in a document was checked when it was written, by nobody since.
  return (
    typed.node === "attribute" && typed.path.field.kind === "data" && typed.kind !== "text" && typed.kind !== "document"
  );
}

/** The rights on every table that an expression reads. */
function rightsOn(scope: Scope, typed: Typed): Sql[] {
  const tables = new Map<string, Sql>();
  const visit = (part: Typed): void => {
    if (part.node === "attribute") {
      const { outward, links } = part.path;
      const table = tableAt(scope, outward, links);
      const right = tables.has(table.alias) ? undefined : readRights(scope.world, table);
      // Of a row that is not there nothing can be told: its values are all missing.
      if (right !== undefined)
        tables.set(table.alias, links.length === 0 ? right : sql`(${right} or ${firstKey(table)} is null)`);
    }
    for (const inner of partsOf(part)) visit(inner);
  };
  visit(typed);
  return [...tables.values()];
}

function firstKey({ schema, alias }: Joined): Sql {
  return sql.id(alias, columnOf(schema, schema.keys[0].attributes[0] ?? ""));
}

function partsOf(typed: Typed): readonly Typed[] {
  switch (typed.node) {
    case "constant":
    case "attribute":
      return [];
    case "computed":
    case "negative":
    case "empty":
    case "not":
    case "cast":
      return [typed.operand];
    case "call":
    case "concatenation":
    case "and":
    case "or":
      return typed.operands;
    case "sum":
      return [typed.first, ...typed.rest.map(({ operand }) => operand)];
    case "compare":
      return [typed.left, typed.right];
    case "in":
      return [typed.operand, ...typed.items];
    case "like":
      return [typed.operand, typed.pattern];
  }
}
