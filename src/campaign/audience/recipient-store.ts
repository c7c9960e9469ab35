/** The only statements that write recipients, apart from the general writer of datamodel. */

import type { Statements } from "#foundation/database.ts";
import { sql, type SqlFragment } from "#foundation/sql.ts";

import type { FieldKind, RecipientField } from "./recipient-fields.ts";

/** Sets the e-mail opt-out where it is not set; answers how many rows changed. */
export function setOptOut(db: Statements, recipientIds: readonly number[]): Promise<number> {
  return db.run`
    update nms_recipient set black_list_email = true, last_modified = now()
     where recipient_id = any(${recipientIds}::bigint[]) and not black_list_email`;
}

/**
 * Makes the table that the lines of a list are copied into; it goes with the transaction, or with the connection.
 * A line is rejected (`reject_reason`) or has an address and a key.
 */
export async function createStagedLines(tx: Statements, fields: readonly RecipientField[]): Promise<void> {
  await tx.run`
    create temp table staged_line on commit drop as
    select 0::bigint as line_number, null::text as reject_reason, null::text as reject_text, email, email_key${columns(fields, "nms_recipient")}
      from nms_recipient
      with no data`;
}

/** COPY's statement for the lines: number, reason and text of a reject, address, key, then the fields. */
export function copyStagedLines(fields: readonly RecipientField[]): string {
  const names = fields.map(({ column }) => `, ${column}`).join("");
  return `copy staged_line (line_number, reject_reason, reject_text, email, email_key${names}) from stdin`;
}

/**
 * Makes the planner see how many lines there are, gives sorts of this transaction the memory for a million of them, and lets
 * the server notice in the middle of a statement that our process is dead, so that its locks do not outlive it. The last
 * one only where the server can: elsewhere it would be an error.
 */
export async function prepareReconciliation(tx: Statements): Promise<void> {
  await tx.run`analyze staged_line (email_key)`;
  await tx.run`
    select set_config('work_mem', '64MB', true),
           case when version() ~* 'linux' then set_config('client_connection_check_interval', '1s', true) end`;
}

/** Waits until no other import reconciles, and keeps others waiting until this transaction ends. */
export async function lockReconciliation(tx: Statements): Promise<void> {
  await tx.run`select pg_advisory_xact_lock(hashtextextended('nms_recipient.reconciliation', 0))`;
}

/**
 * Makes the table of the people of a list: for each key its last line, and the recipient of that key (the oldest, where
 * there are several) or a new id. In the order of the keys, so that the index on them grows at its end.
 * @returns how many people there are
 */
export function createStagedPeople(tx: Statements): Promise<number> {
  return tx.run`
    create temp table staged_person on commit drop as
    select line.*, coalesce(known.recipient_id, nextval('nms_recipient_recipient_id_seq')) as recipient_id, known.recipient_id is null as is_new
      from (select distinct on (email_key) * from staged_line where email_key is not null order by email_key, line_number desc) line
      left join (select email_key, min(recipient_id) as recipient_id from nms_recipient
                  where email_key in (select email_key from staged_line) group by email_key) known using (email_key)
     order by email_key`;
}

/** Lets an opt-out count that stands on any line of a person, not only on the last. */
export async function gatherOptOuts(tx: Statements, fields: readonly RecipientField[]): Promise<void> {
  for (const { column, kind } of fields) {
    if (kind !== "yes_no") continue;
    await tx.run`
      update staged_person person set ${sql.ref(column)} = true from staged_line line
       where line.email_key = person.email_key and line.${sql.ref(column)} and person.${sql.ref(column)} is not true`;
  }
}

/** Inserts the people who are new; answers how many. */
export function insertStagedPeople(tx: Statements, fields: readonly RecipientField[]): Promise<number> {
  return tx.run`
    insert into nms_recipient (recipient_id, folder_id, email, email_key${each(fields, (column) => sql`, ${column}`)})
    select recipient_id, coalesce((select folder_id from xtk_folder where name = 'nmsRootFolder'), 0), email, email_key
           ${each(fields, (column, kind) => sql`, ${newValue(column, kind)}`)}
      from staged_person
     where is_new`;
}

/**
 * Brings the people who were known up to date; an empty cell leaves what is there, an opt-out is never lifted, and the
 * address keeps its spelling, under which quarantine and history know it.
 * @returns how many rows changed
 */
export async function updateStagedPeople(tx: Statements, fields: readonly RecipientField[]): Promise<number> {
  if (fields.length === 0) return 0;
  const known = (column: SqlFragment): SqlFragment => sql`recipient.${column}`;
  const wanted = (column: SqlFragment, kind: FieldKind): SqlFragment =>
    kind === "yes_no"
      ? sql`(recipient.${column} or coalesce(person.${column}, false))`
      : sql`coalesce(person.${column}, recipient.${column})`;
  return tx.run`
    update nms_recipient recipient
       set last_modified = now()${each(fields, (column, kind) => sql`, ${column} = ${wanted(column, kind)}`)}
      from staged_person person
     where recipient.recipient_id = person.recipient_id and not person.is_new
       and row(${list(fields, wanted)}) is distinct from row(${list(fields, known)})`;
}

/** Adds everyone of the list to a group; answers how many were not in it. */
export function addStagedPeopleToGroup(tx: Statements, groupId: number): Promise<number> {
  return tx.run`
    insert into nms_rcp_grp_rel (group_id, recipient_id) select ${groupId}::bigint, recipient_id from staged_person
    on conflict do nothing`;
}

/** The same for a group that this transaction made: nobody else can have added anyone. */
export function fillGroupWithStagedPeople(tx: Statements, groupId: number): Promise<number> {
  return tx.run`insert into nms_rcp_grp_rel (group_id, recipient_id) select ${groupId}::bigint, recipient_id from staged_person`;
}

type OfColumn = (column: SqlFragment, kind: FieldKind) => SqlFragment;

/** Writes something for each field, one after another. */
function each(fields: readonly RecipientField[], write: OfColumn): SqlFragment {
  return fields.length === 0
    ? sql``
    : sql.join(
        fields.map(({ column, kind }) => write(sql.ref(column), kind)),
        sql` `,
      );
}

/** The same with commas between. */
function list(fields: readonly RecipientField[], write: OfColumn): SqlFragment {
  return sql.join(fields.map(({ column, kind }) => write(sql.ref(column), kind)));
}

function columns(fields: readonly RecipientField[], table: string): SqlFragment {
  return each(fields, (column) => sql`, ${sql.ref(table)}.${column}`);
}

/** Columns that must not be null have the defaults of the table. */
function newValue(column: SqlFragment, kind: FieldKind): SqlFragment {
  switch (kind) {
    case "yes_no":
      return sql`coalesce(${column}, false)`;
    case "gender":
    case "email_format":
      return sql`coalesce(${column}, 0)`;
    case "email":
    case "text":
    case "date":
    case "country":
      return column;
  }
}
