/** Reads xtk_file_res: what is known of uploaded files, and the content of those that were published. */

import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";

/** A condition on the rows of xtk_file_res under the alias `f`: those that a viewer may read. */
export type FileCondition = ReturnType<typeof sql>;

export type StoredFile = {
  readonly internalName: string;
  readonly md5: string;
  readonly fileName: string;
  readonly contentType: string;
  /** The file itself, when it is kept in the database. */
  readonly content: Buffer | undefined;
};

/** The files of these internal names and of these contents, as far as the condition allows. */
export function readStoredFiles(
  db: Statements,
  wanted: { readonly internalNames: readonly string[]; readonly md5s: readonly string[] },
  condition: FileCondition = sql`true`,
): Promise<StoredFile[]> {
  return db.rows(parseFile)`
    select f.internal_name, lower(coalesce(f.md5, '')) as md5, f.file_name, f.content_type, f.content
      from xtk_file_res f
     where (f.internal_name = any(${wanted.internalNames}::text[]) or lower(f.md5) = any(${wanted.md5s}::text[]))
       and ${condition}
     order by f.file_res_id`;
}

/** Keeps the content of a file in the database, where every host finds it. */
export function keepFileContent(db: Statements, internalName: string, md5: string, content: Buffer): Promise<number> {
  return db.run`
    update xtk_file_res set content = ${content}, size = ${content.length}
     where internal_name = ${internalName} and lower(md5) = ${md5}`;
}

function parseFile(raw: unknown): StoredFile {
  const row = raw as {
    internal_name: string;
    md5: string;
    file_name: string;
    content_type: string;
    content: Buffer | null;
  };
  return {
    internalName: row.internal_name,
    md5: row.md5,
    fileName: row.file_name,
    contentType: row.content_type,
    content: row.content ?? undefined,
  };
}
