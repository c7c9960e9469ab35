/** The links of schemas, in one line each. */

import type { Link } from "./schema.ts";

type More = Pick<Link, "where" | "reverse" | "integrity">;

/** A link to at most one row, over one attribute: `linkToOne("Folder", "xtk:folder", "folder-id")` reaches its `id`. */
export function linkToOne(
  label: string,
  target: string,
  from: string,
  { to = "id", ...more }: More & { readonly to?: string } = {},
): Link {
  return { label, target, cardinality: "one", join: [{ from, to }], ...more };
}

/** A link to the rows that hold this one's key: `linkToMany("Members", "nms:rcpGrpRel", "group-id")`. */
export function linkToMany(
  label: string,
  target: string,
  to: string,
  { from = "id", ...more }: More & { readonly from?: string } = {},
): Link {
  return { label, target, cardinality: "many", join: [{ from, to }], ...more };
}
