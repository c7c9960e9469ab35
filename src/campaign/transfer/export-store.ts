/** Statements that read recipients for exports. */

import { type RecipientField, recipientFields } from "#campaign/audience/recipient-fields.ts";
import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";

const columns = sql.join(recipientFields.map(({ column }: RecipientField) => sql.ref(`recipient.${column}`)));

/** All recipients, or those of a group, oldest first, in batches over a cursor: one moment's view, and flat memory. */
export function readRecipients(
  db: Statements,
  groupId: number | undefined,
  batchRows: number,
): AsyncGenerator<string[][]> {
  return groupId === undefined
    ? db.batches(parseCells, batchRows)`select ${columns} from nms_recipient recipient order by recipient_id`
    : db.batches(parseCells, batchRows)`
        select ${columns} from nms_rcp_grp_rel member join nms_recipient recipient using (recipient_id)
         where member.group_id = ${groupId} order by recipient_id`;
}

/** How many there are, for a bar that need not be exact: they may change before they are read. */
export async function countRecipients(db: Statements, groupId: number | undefined): Promise<number> {
  const parse = (row: unknown): number => Number((row as { count: unknown }).count);
  const count =
    groupId === undefined
      ? await db.first(parse)`select count(*) as count from nms_recipient`
      : await db.first(parse)`select count(*) as count from nms_rcp_grp_rel where group_id = ${groupId}`;
  return count ?? 0;
}

function parseCells(row: unknown): string[] {
  const values = row as Readonly<Record<string, unknown>>;
  return recipientFields.map(({ column }) => cellText(values[column]));
}

/** As imports read it: yes and no as 1 and 0. */
function cellText(value: unknown): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
