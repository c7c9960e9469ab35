/** The ledger rows of a part that are still to be sent, with what their messages read of the recipients. */

import type { CompiledDelivery, MessageRecipient } from "#campaign/content/compiled-message.ts";
import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { broadLogStatuses } from "#schemas/codes.ts";
import { seedMember } from "#schemas/seed-member.ts";

/**
 * The messages of a range of ids that wait to be sent, in the order of their ids. A recipient deleted since the preparation has empty
 * fields; a seed address has its own, and where it has none those of a recipient of the target.
 */
export async function readPendingMessages(
  db: Statements,
  delivery: Pick<CompiledDelivery, "deliveryId" | "logDate" | "columns">,
  range: { readonly firstBroadLogId: number; readonly lastBroadLogId: number },
): Promise<MessageRecipient[]> {
  // "is true" keeps the planner, which knows nothing yet of a ledger that was just written, from reading the whole delivery by its index.
  const fields = delivery.columns.map((column) => sql`${sql.ref(`r.${column}`)}::text`);
  const rows = await db.rows(parseRow)`
    select b.broad_log_id, b.recipient_id, b.address, coalesce(r.email_format, 0) as email_format, b.seed_member_id,
           array[${sql.join(fields)}]::text[] as fields
      from nms_broad_log b
      left join nms_recipient r on r.recipient_id = b.recipient_id
     where b.log_date = ${delivery.logDate}::date
       and b.broad_log_id between ${range.firstBroadLogId} and ${range.lastBroadLogId}
       and (b.delivery_id = ${delivery.deliveryId}) is true and b.status = ${broadLogStatuses.pending}
     order by b.broad_log_id`;
  const seedIds = rows.flatMap(({ seedMemberId }) => (seedMemberId === 0 ? [] : [seedMemberId]));
  if (seedIds.length === 0) return rows;
  const seeds = await readSeeds(db, delivery, seedIds);
  return rows.map((row) => ({ ...row, ...seeds.get(row.seedMemberId) }));
}

const seedColumns: ReadonlySet<string> = new Set(Object.values(seedMember.attributes).map(({ column }) => column));

async function readSeeds(
  db: Statements,
  { deliveryId, columns }: Pick<CompiledDelivery, "deliveryId" | "columns">,
  seedIds: readonly number[],
): Promise<Map<number, Pick<MessageRecipient, "emailFormat" | "fields">>> {
  const fields = columns.map((column) =>
    seedColumns.has(column)
      ? sql`coalesce(${sql.ref(`s.${column}`)}::text, ${sql.ref(`r.${column}`)}::text)`
      : sql`${sql.ref(`r.${column}`)}::text`,
  );
  const rows = await db.rows(
    (row) => row as { seed_member_id: number; email_format: number; fields: (string | null)[] },
  )`
    select s.seed_member_id, s.email_format, array[${sql.join(fields)}]::text[] as fields
      from nms_seed_member s
      join nms_delivery d on d.delivery_id = ${deliveryId}
      left join nms_recipient r on r.recipient_id = d.sample_recipient_id
     where s.seed_member_id = any(${seedIds}::bigint[])`;
  return new Map(rows.map((row) => [row.seed_member_id, { emailFormat: row.email_format, fields: row.fields }]));
}

const parseRow = (row: unknown): MessageRecipient & { readonly seedMemberId: number } => {
  const r = row as {
    broad_log_id: number;
    recipient_id: number;
    address: string;
    email_format: number;
    seed_member_id: number;
    fields: (string | null)[];
  };
  return {
    broadLogId: r.broad_log_id,
    recipientId: r.recipient_id,
    address: r.address,
    emailFormat: r.email_format,
    seedMemberId: r.seed_member_id,
    fields: r.fields,
  };
};
