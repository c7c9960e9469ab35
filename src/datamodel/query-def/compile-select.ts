/** Compiles what a query selects. */

import { sql } from "#foundation/sql.ts";
import { type Field, writtenPath } from "#schemas/fields.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import type { Sql } from "../expression/compile-sql.ts";
import { expressionMeaning, expressionTooLarge } from "../expression/errors.ts";
import { followPath, type PathEnd } from "../expression/resolve-path.ts";
import type { Typed } from "../expression/typed.ts";
import { secretMask } from "../write/secret-mask.ts";

import { compileTyped, pathOfExpression, readExpression } from "./compile-expression.ts";
import { compileNested } from "./compile-nested.ts";
import { queryInvalid } from "./errors.ts";
import { fieldOf, type Output, reading, typeOf } from "./output.ts";
import { placeOfAlias } from "./place-of-alias.ts";
import type { SelectNode } from "./query-def.ts";
import type { Scope } from "./scope.ts";

/** PostgreSQL itself answers at most 1,664 columns. */
const mostColumns = 1_000;

/** From which row paths start, and under which path the values stand. */
type From = { readonly links: readonly string[]; readonly place: string };

/**
 * Compiles the nodes of a SELECT.
 * @param mostNested of each list of nested rows
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge, queryInvalid
 */
export function compileSelect(scope: Scope, nodes: readonly SelectNode[], mostNested: number): Output[] {
  const outputs: Output[] = [];
  const places = new Map<string, string>();
  for (const [index, node] of nodes.entries()) {
    for (const output of compileNode(scope, node, { links: [], place: "" }, index, mostNested)) {
      const [first] = output.values;
      const place = first?.column.path ?? "";
      const known = places.get(place);
      if (known === output.key) continue;
      if (known !== undefined)
        throw queryInvalid({ schema: schemaId(scope.schema), problem: `two values would stand at ${place}` });
      places.set(place, output.key);
      outputs.push(output);
    }
    if (outputs.length > mostColumns)
      throw expressionTooLarge({ problem: `more than ${mostColumns} values are selected` });
  }
  return outputs;
}

function compileNode(scope: Scope, node: SelectNode, from: From, index: number, mostNested: number): Output[] {
  const path = pathOfExpression(node.expr);
  if (path === undefined)
    return [compileValue(scope, node, from, placeOf(scope, from, `@expr${index + 1}`, node.alias))];
  const up = path.replace(/^(?:\.\.\/|\/)+/, "");
  if (path === "@_cs" || path.endsWith("/@_cs")) return [compileComputeString(scope, path, from, node)];
  const end = followPath({ root: scope.root, outward: 0, links: from.links }, path);
  if (end.kind === "nothing") throw expressionMeaning({ expression: node.expr, problem: end.problem });
  if (end.kind === "field") return [compileValue(scope, node, from, placeOf(scope, from, up, node.alias))];
  const place = placeOf(scope, from, up, node.alias);
  if (end.kind === "group") return compileGroup(scope, node, end, path, place, mostNested);
  return compileRowNode(scope, node, end, place, index, mostNested);
}

function compileGroup(
  scope: Scope,
  node: SelectNode,
  end: PathEnd & { kind: "group" },
  path: string,
  place: string,
  mostNested: number,
): Output[] {
  const inner =
    node.nested?.select.map((part) => ({ ...part, expr: `[${path}/${pathOfExpression(part.expr) ?? ""}]` })) ??
    end.fields.map((field) => ({ expr: `[${[...end.links, writtenPath(field)].join("/")}]` }));
  const own = path.replace(/^(?:\.\.\/|\/)+/, "");
  return inner.flatMap((part, index) =>
    compileNode(scope, part, { links: [], place: "" }, index, mostNested).map((output) => moved(output, own, place)),
  );
}

/** Values that stand under one path stand under another. */
function moved(output: Output, from: string, to: string): Output {
  if (from === to) return output;
  const values = output.values.map((value) => ({
    ...value,
    column: { ...value.column, path: value.column.path.replace(from, to) },
  }));
  return { ...output, values };
}

/** A link to one row answers values of that row; one to many rows answers a list. */
function compileRowNode(
  scope: Scope,
  node: SelectNode,
  end: PathEnd & { kind: "row" },
  place: string,
  index: number,
  mostNested: number,
): Output[] {
  if (end.link === undefined || end.outward > 0)
    throw expressionMeaning({ expression: node.expr, problem: "It is a row, not a value; name its fields." });
  const nested = node.nested ?? { select: keyNodes(end.schema) };
  const isList =
    leadsToMany(scope, end.links) ||
    nested.where !== undefined ||
    nested.orderBy !== undefined ||
    nested.lineCount !== undefined;
  if (isList) return [compileNested(scope, end.links, nested, place, mostNested)];
  return nested.select.flatMap((part, at) =>
    compileNode(scope, part, { links: end.links, place }, index + at, mostNested),
  );
}

/** How a row is named where nothing of it is asked for: its key and its text. */
function keyNodes(schema: Schema): SelectNode[] {
  return [...schema.keys[0].attributes.map((name) => ({ expr: `[@${name}]` })), { expr: "@_cs" }];
}

function leadsToMany(scope: Scope, links: readonly string[]): boolean {
  let schema: Schema | undefined = scope.schema;
  for (const name of links) {
    const link: { cardinality: string; target: string } | undefined = schema?.links?.[name];
    if (link?.cardinality === "many") return true;
    schema = link === undefined ? undefined : scope.world.schemas.find(link.target);
  }
  return false;
}

function compileComputeString(scope: Scope, path: string, from: From, node: SelectNode): Output {
  const row = path.split("/").slice(0, -1).join("/") || ".";
  const end = followPath({ root: scope.root, outward: 0, links: from.links }, row);
  if (end.kind !== "row")
    throw expressionMeaning({ expression: node.expr, problem: end.kind === "nothing" ? end.problem : "It is no row." });
  const { computeString, keys } = end.schema;
  const expr = computeString ?? keys[0].attributes.map((name) => `ToString([@${name}])`).join(" + ', ' + ");
  return compileValue(scope, { ...node, expr }, { ...from, links: end.links }, placeOf(scope, from, path, node.alias));
}

function placeOf(scope: Scope, from: From, path: string, alias: string | undefined): string {
  const own = alias === undefined || alias === "" ? path : placeOfAlias(schemaId(scope.schema), path, alias);
  return from.place === "" ? own : `${from.place}/${own}`;
}

function compileValue(scope: Scope, node: SelectNode, from: From, place: string): Output {
  const typed = readExpression(scope, node.expr, { aggregates: "allowed", windows: "allowed", links: from.links });
  const field = fieldOf(typed);
  const type = typeOf(typed);
  const enumeration = enumerationOf(field);
  const read = reading(type);
  const column = { path: place, type, ...(enumeration === undefined ? {} : { enumeration }) };
  const values = [{ column, read }];
  if (node.isAnalyzed === true && enumeration !== undefined) {
    for (const part of ["name", "label"] as const) {
      const texts = new Map<unknown, string>(enumeration.values.map((value) => [value.value, value[part]]));
      const suffix = part === "name" ? "Name" : "Label";
      values.push({ column: { path: `${place}${suffix}`, type: "string" }, read: (raw) => texts.get(raw) ?? null });
    }
  }
  const key = [...from.links, pathOfExpression(node.expr) ?? node.expr.trim()].join("/");
  return { sql: compileAnswer(scope, typed), key, typed, isGroupedBy: node.isGroupedBy === true, values };
}

function enumerationOf(field: Field | undefined) {
  return field !== undefined && "enumeration" in field.declaration ? field.declaration.enumeration : undefined;
}

/** Of a secret it is only told that there is one. */
function compileAnswer(scope: Scope, typed: Typed): Sql {
  const compiled = compileTyped(scope, typed);
  return typed.kind === "secret" ? sql`case when ${compiled}::text <> '' then ${secretMask}::text end` : compiled;
}
