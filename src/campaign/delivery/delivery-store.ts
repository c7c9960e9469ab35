/** The rows of nms_delivery from their making to the end of their preparation. */

import type { Statements } from "#foundation/database.ts";
import { type DeliveryState, deliveryStates, nameOfCode } from "#schemas/codes.ts";

import type { Delivery } from "./delivery.ts";
import type { Target } from "./target.ts";

export type NewDelivery = Omit<
  Delivery,
  | "deliveryId"
  | "internalName"
  | "state"
  | "isStartRequested"
  | "target"
  | "logDate"
  | "modifiedBy"
  | "typologyId"
  | "operationId"
  | "affinity"
  | "preparedAffinity"
  | "isProof"
  | "data"
> & {
  /** Undefined: `DM` and the id. */
  readonly internalName: string | undefined;
  readonly target: Target;
  readonly folderId: number;
  readonly createdBy: number;
};

/** Stores a delivery; undefined when there is one of that internal name. */
export function insertDelivery(db: Statements, d: NewDelivery): Promise<number | undefined> {
  return db.first((row) => (row as { delivery_id: number }).delivery_id)`
    with new_id as (select nextval(pg_get_serial_sequence('nms_delivery', 'delivery_id')) as id)
    insert into nms_delivery (delivery_id, internal_name, label, folder_id, priority, subject, from_address, from_name, reply_to_address,
                              html_source, text_source, target, batch_size, contact_date, validity_date, created_by, modified_by)
    select id, coalesce(${d.internalName ?? null}::text, 'DM' || id), ${d.label}, ${d.folderId}, ${d.priority}, ${d.subject}, ${d.fromAddress},
           ${d.fromName}, ${d.replyToAddress}, ${d.htmlSource ?? null}, ${d.textSource ?? null}, ${JSON.stringify(d.target)}::jsonb,
           ${d.batchSize}, ${d.contactDate ?? null}::timestamptz, ${d.validityDate ?? null}::timestamptz, ${d.createdBy}, ${d.createdBy}
      from new_id
    on conflict (internal_name) do nothing
    returning delivery_id`;
}

/** The id of the delivery of that internal name. */
export function findDeliveryId(db: Statements, internalName: string): Promise<number | undefined> {
  return db.first((row) => (row as { delivery_id: number }).delivery_id)`
    select delivery_id from nms_delivery where internal_name = ${internalName}`;
}

/** One delivery. */
export function readDelivery(db: Statements, deliveryId: number): Promise<Delivery | undefined> {
  return db.first(parseDelivery)`select * from nms_delivery where delivery_id = ${deliveryId}`;
}

/** States of a preparation that is under way. */
const preparing = [
  deliveryStates.counting,
  deliveryStates.arbitration,
  deliveryStates.targetReady,
  deliveryStates.personalisationPending,
  deliveryStates.personalisation,
  deliveryStates.messageReady,
];

/**
 * Takes a delivery that waits for its preparation, or whose preparer has died.
 * @param leaseSec how long others leave it alone from now
 */
export function claimPreparation(
  db: Statements,
  deliveryId: number,
  owner: string,
  leaseSec: number,
): Promise<Delivery | undefined> {
  return db.first(parseDelivery)`
    update nms_delivery
       set state = ${deliveryStates.counting}, owner_host = ${owner}, lease_until = now() + make_interval(secs => ${leaseSec}),
           failure_text = null, last_modified = now()
     where delivery_id = ${deliveryId}
       and (state = ${deliveryStates.targetingPending} or (state = any(${preparing}::smallint[]) and lease_until < now()))
    returning *`;
}

/** Prolongs the preparer's lease; false when the delivery is no longer its own: stopped, or taken over. */
export async function renewPreparation(
  db: Statements,
  deliveryId: number,
  owner: string,
  leaseSec: number,
): Promise<boolean> {
  const touched = await db.run`
    update nms_delivery set lease_until = now() + make_interval(secs => ${leaseSec})
     where delivery_id = ${deliveryId} and owner_host = ${owner} and state = any(${preparing}::smallint[])`;
  return touched === 1;
}

/** Shows how far the preparation is; false when the delivery is no longer the preparer's. */
export async function advancePreparation(
  db: Statements,
  deliveryId: number,
  owner: string,
  state: DeliveryState,
): Promise<boolean> {
  const touched = await db.run`
    update nms_delivery set state = ${deliveryStates[state]}, last_modified = now()
     where delivery_id = ${deliveryId} and owner_host = ${owner} and state = any(${preparing}::smallint[])`;
  return touched === 1;
}

export type Prepared = {
  readonly totalTarget: number;
  readonly reject: number;
  readonly toDeliver: number;
  readonly seeds: number;
  readonly logDate: string;
  readonly contactDate: Date;
  readonly validityDate: Date;
  readonly affinity: string;
  readonly pressureWeight: number;
  readonly sampleRecipientId: number;
  /** It goes on to be sent without anybody asking for that. */
  readonly startsByItself: boolean;
};

/**
 * Ends a preparation: ready, or waiting to be started when that was asked for or needs no asking. False when the delivery is no longer
 * the preparer's, and then nothing of its transaction may be kept.
 */
export async function completePreparation(
  tx: Statements,
  deliveryId: number,
  owner: string,
  prepared: Prepared,
): Promise<boolean> {
  const touched = await tx.run`
    update nms_delivery
       set state = case when is_start_requested or ${prepared.startsByItself} then ${deliveryStates.startPending}::smallint
                        else ${deliveryStates.ready}::smallint end,
           log_date = ${prepared.logDate}::date,
           total_target = ${prepared.totalTarget}, reject = ${prepared.reject}, to_deliver = ${prepared.toDeliver}, seeds = ${prepared.seeds},
           processed = 0, success = 0, error = 0, bounced_later = 0,
           contact_date = ${prepared.contactDate}, validity_date = ${prepared.validityDate},
           prepared_affinity = ${prepared.affinity}, pressure_weight = ${prepared.pressureWeight}, sample_recipient_id = ${prepared.sampleRecipientId},
           owner_host = null, lease_until = null, prepared = now(), last_modified = now()
     where delivery_id = ${deliveryId} and owner_host = ${owner} and state = any(${preparing}::smallint[])`;
  return touched === 1;
}

/** Gives a preparation back that was interrupted, so that the next one need not wait for the lease. */
export function releasePreparation(db: Statements, deliveryId: number, owner: string): Promise<number> {
  return db.run`
    update nms_delivery set state = ${deliveryStates.targetingPending}, owner_host = null, lease_until = null
     where delivery_id = ${deliveryId} and owner_host = ${owner} and state = any(${preparing}::smallint[])`;
}

/** Ends a preparation that found errors. */
export async function failPreparation(
  db: Statements,
  deliveryId: number,
  owner: string,
  failureText: string,
): Promise<boolean> {
  const touched = await db.run`
    update nms_delivery
       set state = ${deliveryStates.preparationFailed}, is_start_requested = false, failure_text = ${failureText},
           owner_host = null, lease_until = null, last_modified = now()
     where delivery_id = ${deliveryId} and owner_host = ${owner} and state = any(${preparing}::smallint[])`;
  return touched === 1;
}

/** Writes a line of the delivery's audit journal. */
export function insertAudit(
  db: Statements,
  deliveryId: number,
  lines: readonly { readonly level: string; readonly message: string }[],
): Promise<number> {
  return db.run`
    insert into xtk_job_log (job_id, object_schema, level, message)
    select ${deliveryId}, 'nms:delivery', level, message
      from unnest(${lines.map(({ level }) => level)}::text[], ${lines.map(({ message }) => message)}::text[]) l(level, message)`;
}

/** Wakes the mta. */
export function notifyDelivery(db: Statements, deliveryId: number): Promise<number> {
  return db.run`select pg_notify('postrider_delivery', ${String(deliveryId)})`;
}

const parseDelivery = (row: unknown): Delivery => {
  const r = row as DeliveryRow;
  return {
    deliveryId: r.delivery_id,
    internalName: r.internal_name,
    label: r.label,
    state: nameOfCode(deliveryStates, r.state) ?? "failed",
    isStartRequested: r.is_start_requested,
    priority: r.priority,
    typologyId: r.typology_id,
    operationId: r.operation_id,
    affinity: r.affinity,
    preparedAffinity: r.prepared_affinity,
    isProof: r.is_proof,
    data: r.data,
    subject: r.subject,
    fromAddress: r.from_address,
    fromName: r.from_name,
    replyToAddress: r.reply_to_address,
    htmlSource: r.html_source ?? undefined,
    textSource: r.text_source ?? undefined,
    target: r.target,
    batchSize: r.batch_size,
    contactDate: r.contact_date ?? undefined,
    validityDate: r.validity_date ?? undefined,
    logDate: r.log_date ?? undefined,
    modifiedBy: r.modified_by,
  };
};

type DeliveryRow = {
  delivery_id: number;
  internal_name: string;
  label: string;
  state: number;
  is_start_requested: boolean;
  priority: number;
  typology_id: number;
  operation_id: number;
  affinity: string;
  prepared_affinity: string;
  is_proof: boolean;
  data: unknown;
  subject: string;
  from_address: string;
  from_name: string;
  reply_to_address: string;
  html_source: string | null;
  text_source: string | null;
  target: unknown;
  batch_size: number;
  contact_date: Date | null;
  validity_date: Date | null;
  log_date: string | null;
  modified_by: number;
};
