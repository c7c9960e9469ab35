/** Reads one recipient of a target, so that scripts can be tried before anybody is written to. */

import type { CompiledWhere } from "#datamodel/compile-where.ts";
import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";

export type SampleRecipient = {
  readonly recipientId: number;
  readonly address: string;
  readonly emailFormat: number;
  readonly fields: readonly (string | null)[];
};

/**
 * Any recipient of a target who has an address.
 * @param target `joins` and `where` over nms_recipient as `r`
 * @param columns of nms_recipient, in the order of `fields`
 */
export function readSampleRecipient(
  db: Statements,
  target: Pick<CompiledWhere, "joins" | "where">,
  columns: readonly string[],
): Promise<SampleRecipient | undefined> {
  const fields = columns.map((column) => sql`${sql.ref(`r.${column}`)}::text`);
  return db.first(parseSample)`
    select r.recipient_id, r.email, coalesce(r.email_format, 0) as email_format, array[${sql.join(fields)}]::text[] as fields
      from nms_recipient r
      ${target.joins}
     where ${target.where} and r.email is not null
     limit 1`;
}

const parseSample = (row: unknown): SampleRecipient => {
  const r = row as { recipient_id: number; email: string; email_format: number; fields: (string | null)[] };
  return { recipientId: r.recipient_id, address: r.email, emailFormat: r.email_format, fields: r.fields };
};
