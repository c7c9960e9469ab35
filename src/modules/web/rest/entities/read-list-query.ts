/** Reads what the address of a list asks for: conditions, order, how many rows. */

import type { Condition, OrderNode } from "#datamodel/query-def/query-def.ts";
import { writtenPath } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import { type FieldError, refuseFields } from "../refusal.ts";
import { equalityFilter } from "./equality-filter.ts";
import type { Reach } from "./reach.ts";
import { resolvePath } from "./resolve-path.ts";
import { keyFields } from "./select-fields.ts";

const usualPage = 100;
const ownParameters = new Set(["filter", "fields", "sort", "limit", "after", "count"]);

/** Several conditions on one field are meant; several limits are not. */
export function refuseRepeated(query: URLSearchParams): void {
  const errors = [...ownParameters]
    .filter((name) => query.getAll(name).length > 1)
    .map((field) => ({ field, message: "It is given more than once." }));
  if (errors.length > 0) throw refuseFields(errors);
}

/** How many rows a page is to hold. */
export function readLimit(text: string | null, largestPage: number): number {
  if (text === null) return usualPage;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > largestPage)
    throw refuseFields([{ field: "limit", message: `It must be a whole number from 1 to ${largestPage}.` }]);
  return limit;
}

/** `true` or `false`, which it is when not given. */
export function readFlag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  if (text === null || text === "false") return false;
  if (text === "true") return true;
  throw refuseFields([{ field: name, message: "It must be true or false." }]);
}

export type Parameters = Record<string, string | number | boolean | Date>;

/** The conditions of simple filters and of `filter`, with the values that they compare with. */
export function readConditions(
  reach: Reach,
  schema: Schema,
  query: URLSearchParams,
): { where: Condition[]; parameters: Parameters } {
  const where: Condition[] = [];
  const parameters: Parameters = {};
  const errors: FieldError[] = [];
  for (const name of new Set(query.keys())) {
    if (ownParameters.has(name)) continue;
    const found = equalityFilter(reach, schema, name, query.getAll(name), `p${where.length}_`);
    if ("error" in found) errors.push(found.error);
    else {
      where.push({ kind: "expression", expr: found.expr });
      Object.assign(parameters, found.parameters);
    }
  }
  const expr = query.get("filter")?.trim() ?? "";
  if (expr !== "") {
    const forbidden = reach.findForbiddenPath(schema, expr);
    if (forbidden !== undefined) errors.push({ field: "filter", message: `There is no '${forbidden}' here.` });
    where.push({ kind: "expression", expr });
  }
  if (errors.length > 0) throw refuseFields(errors);
  return { where, parameters };
}

/** `-created,email`; the primary key comes last, so that the order has no doubt in it and pages meet without a gap. */
export function readOrder(reach: Reach, schema: Schema, sort: string | null): OrderNode[] {
  const order: OrderNode[] = [];
  const errors: FieldError[] = [];
  for (const word of (sort ?? "").split(",").filter((each) => each.trim() !== "")) {
    const path = word.trim().replace(/^[-+]/, "");
    const isDescending = word.trim().startsWith("-");
    const found = resolvePath(reach, schema, path);
    if (found === undefined || order.length >= 10)
      errors.push({ field: "sort", message: `Rows cannot be sorted by '${path.slice(0, 100)}'.` });
    else order.push({ expr: `[${found.written}]`, ...(isDescending ? { isDescending } : {}) });
  }
  if (errors.length > 0) throw refuseFields(errors);
  const isDescending = order.length > 0 && order.every((node) => node.isDescending === true);
  const named = new Set(order.map(({ expr }) => expr));
  const key = keyFields(schema).map((field) => ({
    expr: `[${writtenPath(field)}]`,
    ...(isDescending ? { isDescending } : {}),
  }));
  return [...order, ...key.filter(({ expr }) => !named.has(expr))];
}
