/** The files of a prepared delivery: copies, so that whoever changes or deletes an upload does not change the mails. */

import type { StoredFile } from "#campaign/content/message-file-store.ts";
import type { Statements } from "#foundation/database.ts";

export type KeptFile = StoredFile & { readonly content: Buffer };

/** Keeps the files of a delivery that is being prepared, in place of those of an earlier preparation. */
export async function keepFiles(tx: Statements, deliveryId: number, files: readonly KeptFile[]): Promise<void> {
  await deleteFiles(tx, deliveryId);
  for (const { internalName, md5, fileName, contentType, content } of files)
    await tx.run`
      insert into nms_delivery_file (delivery_id, internal_name, md5, file_name, content_type, content)
      values (${deliveryId}, ${internalName}, ${md5}, ${fileName}, ${contentType}, ${content})`;
  const hashes = Object.fromEntries(files.map(({ internalName, md5 }) => [internalName, md5]));
  await tx.run`
    update nms_delivery set included_files = ${JSON.stringify(hashes)}::jsonb where delivery_id = ${deliveryId}`;
}

/** Forgets the files of a delivery that is over. */
export function deleteFiles(tx: Statements, deliveryId: number): Promise<number> {
  return tx.run`delete from nms_delivery_file where delivery_id = ${deliveryId}`;
}

/**
 * The files of a prepared delivery, undefined for one that was prepared before files were kept.
 * @returns `damaged` names files that are not there any more, or are not what they were
 */
export async function readFiles(
  db: Statements,
  deliveryId: number,
): Promise<{ readonly files: readonly KeptFile[]; readonly damaged: readonly string[] } | undefined> {
  const isKept = await db.first((row) => (row as { is_kept: boolean }).is_kept)`
    select included_files is not null as is_kept from nms_delivery where delivery_id = ${deliveryId}`;
  if (isKept !== true) return undefined;
  const rows = await db.rows(parseFile)`
    select wanted.internal_name, wanted.md5, f.file_name, f.content_type, f.content, coalesce(md5(f.content) = wanted.md5, false) as is_same
      from nms_delivery d
     cross join jsonb_each_text(d.included_files) wanted (internal_name, md5)
      left join nms_delivery_file f on f.delivery_id = d.delivery_id and f.internal_name = wanted.internal_name
     where d.delivery_id = ${deliveryId}
     order by wanted.internal_name`;
  return {
    files: rows.flatMap(({ file }) => file ?? []),
    damaged: rows.flatMap(({ internalName, file }) => (file === undefined ? [internalName] : [])),
  };
}

function parseFile(raw: unknown): { readonly internalName: string; readonly file: KeptFile | undefined } {
  const row = raw as {
    internal_name: string;
    md5: string;
    file_name: string;
    content_type: string;
    content: Buffer;
    is_same: boolean;
  };
  const { internal_name: internalName, md5, file_name: fileName, content_type: contentType, content } = row;
  return { internalName, file: row.is_same ? { internalName, md5, fileName, contentType, content } : undefined };
}
