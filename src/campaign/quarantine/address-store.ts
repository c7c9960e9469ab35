/** The rows of nms_address. */

import type { Statements } from "#foundation/database.ts";
import { addressStatuses, failureReasons, nameOfCode } from "#schemas/codes.ts";

import type { AddressRecord } from "./address-record.ts";

export type AddressWrite = AddressRecord & { readonly text: string; readonly deliveryId: number };

/** Makes rows for addresses that have none yet, without a status; in order, so that two writers cannot wait for each other. */
export function insertUnknownAddresses(tx: Statements, addresses: readonly string[]): Promise<number> {
  return tx.run`
    insert into nms_address (address)
    select a from unnest(${addresses}::text[]) a order by a collate "C"
    on conflict (address) do nothing`;
}

/** Reads and locks rows until the transaction ends. */
export function lockAddresses(tx: Statements, addresses: readonly string[]): Promise<AddressRecord[]> {
  return tx.rows(parseAddress)`
    select address, status, failure_reason, error_count, last_error
      from nms_address where address = any(${addresses}::text[])
     order by address collate "C" for update`;
}

/** Writes what the rules decided. */
export function updateAddresses(tx: Statements, records: readonly AddressWrite[]): Promise<number> {
  return tx.run`
    update nms_address a
       set status = n.status, failure_reason = n.failure_reason, error_count = n.error_count, error_text = n.error_text,
           last_error = n.last_error, last_delivery_id = n.delivery_id, last_modified = now()
      from unnest(${records.map((r) => r.address)}::text[], ${records.map((r) => addressStatuses[r.status])}::smallint[],
                  ${records.map((r) => r.failureReason)}::smallint[], ${records.map((r) => r.errorCount)}::integer[],
                  ${records.map((r) => r.text)}::text[], ${records.map((r) => r.lastError)}::timestamptz[],
                  ${records.map((r) => r.deliveryId)}::bigint[])
             n(address, status, failure_reason, error_count, error_text, last_error, delivery_id)
     where a.address = n.address`;
}

/** Clears the errors of addresses that took a message; whoever is quarantined, denylisted or allowlisted stays so. */
export function clearErrors(tx: Statements, addresses: readonly string[]): Promise<number> {
  return tx.run`
    update nms_address
       set status = ${addressStatuses.valid}, error_count = 0, last_modified = now()
     where address_id in (select address_id from nms_address
                           where address = any(${addresses}::text[]) and status = ${addressStatuses.withErrors}
                           order by address collate "C" for update)`;
}

/** Denylists an address for good; an allowlisted one too, since somebody complained. */
export function upsertDenied(
  tx: Statements,
  given: {
    readonly address: string;
    readonly failureReason: number;
    readonly text: string;
    readonly deliveryId: number;
    readonly at: Date;
  },
): Promise<number> {
  return tx.run`
    insert into nms_address (address, status, failure_reason, error_text, last_error, last_delivery_id)
    values (${given.address}, ${addressStatuses.denylisted}, ${given.failureReason}, ${given.text}, ${given.at}, ${given.deliveryId})
    on conflict (address) do update
       set status = excluded.status, failure_reason = excluded.failure_reason, error_text = excluded.error_text,
           last_error = excluded.last_error, last_delivery_id = excluded.last_delivery_id, last_modified = now()`;
}

/** Gives addresses "with errors" back their good name when their last error is old; answers how many. */
export function clearOldErrors(
  db: Statements,
  before: { readonly ordinary: Date; readonly mailboxFull: Date },
): Promise<number> {
  return db.run`
    update nms_address set status = ${addressStatuses.valid}, error_count = 0, last_modified = now()
     where status = ${addressStatuses.withErrors}
       and last_error < case when failure_reason = ${failureReasons.mailboxFull} then ${before.mailboxFull}::timestamptz
                             else ${before.ordinary}::timestamptz end`;
}

/** Drops the rows of valid addresses; answers how many. */
export function deleteValid(db: Statements): Promise<number> {
  return db.run`delete from nms_address where status = ${addressStatuses.valid}`;
}

/** The options that hold the limits. */
export function readOptions(tx: Statements, names: readonly string[]): Promise<{ name: string; value: number }[]> {
  return tx.rows((row) => row as { name: string; value: number })`
    select name, long_value as value from xtk_option where name = any(${names}::text[])`;
}

const parseAddress = (row: unknown): AddressRecord => {
  const r = row as {
    address: string;
    status: number;
    failure_reason: number;
    error_count: number;
    last_error: Date | null;
  };
  return {
    address: r.address,
    status: nameOfCode(addressStatuses, r.status) ?? "unknown",
    failureReason: r.failure_reason,
    errorCount: r.error_count,
    lastError: r.last_error ?? undefined,
  };
};
