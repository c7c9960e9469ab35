/** Changes a column that is in use: its values come along, and what cannot be converted stops the whole change. */

import type { CatalogColumn } from "../catalog.ts";
import { changeColumn } from "../draft-migration.ts";
import { renderColumn } from "../render-catalog.ts";

/**
 * The statements, in order; empty when there is nothing to change. An empty text becomes the default, or null: any other
 * text that does not read as a value of the new type is an error when they run.
 */
export function convertColumn(table: string, before: CatalogColumn, after: CatalogColumn): string[] {
  if (renderColumn(before) === renderColumn(after)) return [];
  if (before.isGenerated || after.isGenerated || before.identity !== undefined || after.identity !== undefined)
    return changeColumn(table, before, after);
  const change = `alter table ${table} alter column ${after.name}`;
  const isConverted = before.type !== after.type;
  const fillsIn = !after.isNullable && after.expression !== undefined;
  const statements: string[] = [];
  if (isConverted) {
    // PostgreSQL would have to convert the default, too, and cannot.
    if (before.expression !== undefined) statements.push(`${change} drop default;`);
    const value = conversion(before, after.type);
    const filled = fillsIn ? `coalesce(${value}, ${after.expression ?? "null"})` : value;
    statements.push(`${change} type ${after.type} using ${filled};`);
  } else if (fillsIn && before.isNullable) {
    statements.push(`update ${table} set ${after.name} = ${after.expression ?? "null"} where ${after.name} is null;`);
  }
  if (after.expression !== (isConverted ? undefined : before.expression))
    statements.push(
      after.expression === undefined ? `${change} drop default;` : `${change} set default ${after.expression};`,
    );
  if (before.isNullable !== after.isNullable)
    statements.push(`${change} ${after.isNullable ? "drop" : "set"} not null;`);
  return statements;
}

/** True when values keep less than they say now: the conversion itself would not tell. */
export function losesValues(before: string, after: string): boolean {
  const [moment, precise] = ["timestamp with time zone", "bigint"];
  return (before === moment && /^(date|time)\b/.test(after)) || (before === precise && after === "double precision");
}

/** By way of text: PostgreSQL then says what does not fit, and rounds nothing. */
function conversion({ name, type }: CatalogColumn, wanted: string): string {
  if (wanted === "text") return `${name}::text`;
  if (type === "boolean" && /int$|^integer$/.test(wanted)) return `${name}::integer::${wanted}`;
  return type === "text" ? `nullif(btrim(${name}), '')::${wanted}` : `${name}::text::${wanted}`;
}
