/** Reads the blocks of nms:includeView that content includes by name. */

import type { Statements } from "#foundation/database.ts";

export type StoredView = { readonly name: string; readonly html: string; readonly text: string };

/** The blocks of those names. */
export function listViews(db: Statements, names: readonly string[]): Promise<StoredView[]> {
  return db.rows((row) => row as StoredView)`
    select name, coalesce(html_source, '') as html, coalesce(text_source, '') as text
      from nms_include_view where name = any(${names}::text[])`;
}
