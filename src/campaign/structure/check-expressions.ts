/** Makes sure that the expressions of operators' schemas mean something, before a query stumbles over them. */

import { compileWhere } from "#datamodel/compile-where.ts";
import { extensionInvalid } from "#datamodel/extension/errors.ts";
import { type SourceSchema, sourceId } from "#datamodel/extension/source-schema.ts";
import { describeError } from "#foundation/errors.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

/**
 * Compiles each computed field, compute string and filter once.
 * @throws extensionInvalid
 */
export function checkExpressions(merged: readonly Schema[], sources: readonly SourceSchema[]): void {
  const byId = new Map(merged.map((schema) => [schemaId(schema), schema]));
  const schemas: SchemaSet = { find: (id) => byId.get(id), all: () => merged, version: "checked" };
  for (const source of sources) {
    const schema = byId.get(source.extendedSchema ?? sourceId(source));
    if (schema === undefined) continue;
    const check = (what: string, condition: string): void => {
      try {
        compileWhere(schema, condition, { schemas });
      } catch (cause) {
        throw extensionInvalid({ schema: sourceId(source), problem: `${what}: ${describeError(cause)}` }, { cause });
      }
    };
    for (const [path, { expression }] of source.computedFields)
      check(`the expression of ${path}`, `${inBrackets(expression)} IS NULL`);
    if (source.computeString !== undefined) check("its compute string", `${inBrackets(source.computeString)} IS NULL`);
    for (const filter of source.systemFilters)
      for (const { expression } of filter.conditions) check(`its filter ${filter.name}`, expression);
  }
}

function inBrackets(expression: string): string {
  return `(${expression})`;
}
