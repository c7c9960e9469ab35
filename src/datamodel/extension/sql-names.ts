/** How tables, columns and indexes of operators' schemas are called in the database. */

import { createHash } from "node:crypto";

/** PostgreSQL cuts longer names, and two cut ones may meet. */
const longestName = 63;

/** Namespaces of the product: nobody else's schemas may live there. */
export const reservedNamespaces: ReadonlySet<string> = new Set([
  "xtk",
  "nl",
  "nms",
  "ncm",
  "temp",
  "ncl",
  "crm",
  "xxl",
]);

/** `loyaltyLevel` and `loyalty/level` become `loyalty_level`. */
export function inSnakeCase(name: string): string {
  return name
    .replaceAll(/[/-]/g, "_")
    .replaceAll(/(?<=[a-z0-9])([A-Z])/g, "_$1")
    .replaceAll(/([A-Z])(?=[A-Z][a-z])/g, "$1_")
    .toLowerCase();
}

/** The column of a field in a table of its own. */
export function columnName(path: string): string {
  const name = sqlName(path);
  return notForColumns.has(name) ? `${name}_` : name;
}

/** Joins the parts of a name; one that is too long ends in a digest of the whole. */
export function sqlName(...parts: readonly string[]): string {
  const name = parts.map(inSnakeCase).join("_");
  if (name.length <= longestName) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longestName - 9)}_${digest}`;
}

/** Words that PostgreSQL keeps for itself, and names of columns that every table has. */
const notForColumns: ReadonlySet<string> = new Set(
  "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with ctid xmin xmax cmin cmax tableoid".split(
    " ",
  ),
);
