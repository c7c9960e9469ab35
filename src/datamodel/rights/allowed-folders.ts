/** The folders in which a viewer may read, write or delete. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import type { Viewer } from "../viewer.ts";

export type Purpose = "read" | "write" | "delete";

const columns: Readonly<Record<Purpose, string>> = { read: "can_read", write: "can_write", delete: "can_delete" };

/**
 * A SELECT of the ids of all folders, 0 among them, in which the viewer may do something. A folder that has rights uses
 * these alone, one without has its parent's; a folder that does not hang on the root belongs to nobody. It refers to
 * nothing outside of itself, so that PostgreSQL runs it once in a statement.
 */
export function allowedFolders(viewer: Viewer, purpose: Purpose): SqlFragment {
  const isConfined = viewer.folderId !== 0;
  const inside = isConfined ? sql`and reach.is_inside` : sql``;
  return sql`
    with recursive reach (folder_id, is_allowed, is_inside) as (
      select 0::bigint, coalesce(${ownRight(viewer, purpose, sql`0`)}, false), ${!isConfined}::boolean
      union all
      select f.folder_id, coalesce(${ownRight(viewer, purpose, sql`f.folder_id`)}, reach.is_allowed),
             reach.is_inside or f.folder_id = ${viewer.folderId}::bigint
        from reach join xtk_folder as f on f.parent_id = reach.folder_id and f.folder_id <> 0)
    select reach.folder_id from reach where reach.is_allowed ${inside}`;
}

/** Null when the folder has no rights of its own. */
function ownRight({ operatorId, groupIds }: Viewer, purpose: Purpose, folderId: SqlFragment): SqlFragment {
  const column = sql.id("fr", columns[purpose]);
  return sql`(
        select bool_or(${column} and (
                 (fr.operator_id = 0 and fr.group_id = 0)
                 or (fr.operator_id <> 0 and fr.operator_id = ${operatorId}::bigint)
                 or (fr.group_id <> 0 and fr.group_id = any(${groupIds}::bigint[]))))
          from xtk_folder_right as fr where fr.folder_id = ${folderId})`;
}
