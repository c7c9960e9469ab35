/** What a delivery is composed with, as clients write it. */

import type { Database } from "#foundation/database.ts";

/** Adds a file to the platform, and what a delivery says beside its texts. */
export async function addComposition(
  db: Database,
  deliveryId: number,
  {
    file,
    data,
  }: {
    readonly file: { readonly internalName: string; readonly fileName: string; readonly md5: string };
    readonly data: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  await db.run`
    insert into xtk_file_res (internal_name, file_name, md5) values (${file.internalName}, ${file.fileName}, ${file.md5})`;
  await db.run`update nms_delivery set data = data || ${JSON.stringify(data)}::jsonb where delivery_id = ${deliveryId}`;
}

/** Adds a rule for e-mail formats. */
export function addFormatRule(
  db: Database,
  { mask, mimeStructure }: { readonly mask: string; readonly mimeStructure: number },
): Promise<number> {
  return db.run`insert into nms_email_format_rule (mask, mime_structure) values (${mask}, ${mimeStructure})`;
}

/** Gives the recipients first names, one after the other. */
export async function nameRecipients(db: Database, names: readonly string[]): Promise<void> {
  await db.run`
    update nms_recipient r set first_name = n.name
      from (select recipient_id, row_number() over (order by recipient_id) as position from nms_recipient) p
      join unnest(${names}::text[]) with ordinality n(name, position) on n.position = p.position
     where r.recipient_id = p.recipient_id`;
}
