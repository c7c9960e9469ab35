/** Prepares a delivery: reads its content, collects its target, excludes, and writes the ledger and the parts that children send. */

import { schemasOf } from "#campaign/structure/instance-schemas.ts";
import type { AnalyzedContent, ContentProblem } from "#campaign/content/analyze-content.ts";
import { ensurePartitions } from "#datamodel/partitions-store.ts";
import { findViewer } from "#campaign/access/find-viewer.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { Statements } from "#foundation/database.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { compileSql } from "#foundation/sql.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { analyzeDelivery } from "./analyze-delivery.ts";
import {
  advancePreparation,
  completePreparation,
  failPreparation,
  insertAudit,
  notifyDelivery,
  releasePreparation,
} from "./delivery-store.ts";
import { preparationTakenAway } from "./errors.ts";
import { holdForPreparation, type Lease } from "./hold-for-preparation.ts";
import { type Ledger, writeLedger } from "./write-ledger.ts";
import { resolveTarget, type TargetCondition } from "./resolve-target.ts";
import { parseTarget } from "./target.ts";

export type Preparation =
  | ({ readonly kind: "ready"; readonly warnings: readonly string[] } & Ledger)
  | { readonly kind: "failed"; readonly problems: readonly string[] }
  /** Stopped by an operator, or taken over by another process; nothing was left behind. */
  | { readonly kind: "cancelled" }
  /** Does not wait for a preparation, or another process has it. */
  | { readonly kind: "busy" };

/** How long messages may be sent after the contact date when the delivery sets no end: Classic's five days. */
const validitySec = 5 * 86_400;

/**
 * Turns a delivery that waits for its preparation into parts ready to be sent. All is written in one transaction: a preparer that dies
 * leaves nothing, and the next one begins anew once its lease has run out.
 * @throws errors of a database that is away; the delivery is then given back, if that can be said
 */
export async function prepareDelivery(context: Context, deliveryId: number): Promise<Preparation> {
  const startedAt = performance.now();
  const lease = await holdForPreparation(context, deliveryId);
  if (lease === undefined) return { kind: "busy" };
  try {
    const preparation = await prepareHeld(context, lease);
    logEnd(context, deliveryId, preparation, Math.round(performance.now() - startedAt));
    return preparation;
  } catch (error) {
    if (mayPass(error)) {
      await releasePreparation(context.db, deliveryId, lease.owner).catch(() => 0);
      throw error;
    }
    context.log.error("delivery.preparation_failed", { deliveryId, reason: describeError(error) });
    return await fail(context, lease, [describeError(error)]);
  } finally {
    lease.stop();
  }
}

async function prepareHeld(context: Context, lease: Lease): Promise<Preparation> {
  const { delivery } = lease;
  const content = await analyzeDelivery(context, delivery);
  const errors = content.problems.filter(({ level }) => level === "error").map(describeProblem);
  if (errors.length > 0) return await fail(context, lease, errors);
  const schemas = await schemasOf(context);
  const { timezone } = context.settings.of(instanceSettings);
  const viewer = await findViewer(context.db, delivery.modifiedBy, timezone);
  const target = await resolveTarget(context.db, parseTarget(delivery.target, schemas), { timezone, schemas, viewer });
  if (context.log.traces("xtkquery"))
    context.log.trace("xtkquery", "query.compiled", {
      deliveryId: delivery.deliveryId,
      where: compileSql(target.where).text,
    });
  await ensurePartitions(context.db, context.clock.now());
  try {
    const ledger = await context.db.transaction((tx) => prepareInTransaction(context, tx, lease, content, target));
    return { kind: "ready", warnings: content.problems.map(describeProblem), ...ledger };
  } catch (error) {
    if (isTakenAway(error)) return { kind: "cancelled" };
    throw error;
  }
}

async function prepareInTransaction(
  context: Context,
  tx: Statements,
  lease: Lease,
  content: AnalyzedContent,
  target: TargetCondition,
): Promise<Ledger> {
  const { delivery, owner } = lease;
  const { deliveryId } = delivery;
  /** Told outside the transaction, so that screens show it; each time it is asked whether the delivery is still ours. */
  const advance = async (state: DeliveryState): Promise<void> => {
    if (lease.isLost() || !(await advancePreparation(context.db, deliveryId, owner, state)))
      throw preparationTakenAway({ deliveryId });
  };
  const ledger = await writeLedger({ db: context.db, tx, delivery, target, links: content.links, advance });
  await insertAudit(tx, deliveryId, auditLines(ledger, content.problems));
  const isOurs = await completePreparation(tx, deliveryId, owner, { ...ledger, validitySec });
  if (!isOurs) throw preparationTakenAway({ deliveryId });
  await notifyDelivery(tx, deliveryId);
  return ledger;
}

async function fail(context: Context, lease: Lease, problems: readonly string[]): Promise<Preparation> {
  const { deliveryId } = lease.delivery;
  const isOurs = await failPreparation(context.db, deliveryId, lease.owner, problems.join("\n"));
  if (!isOurs) return { kind: "cancelled" };
  await insertAudit(
    context.db,
    deliveryId,
    problems.map((message) => ({ level: "error", message })),
  );
  return { kind: "failed", problems };
}

/** True for errors that may be over when the delivery is prepared again: the database was away, or someone was in the way. */
function mayPass(error: unknown): boolean {
  if (isPostriderError(error)) return error.mayRetry;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // SQLSTATE classes: connection, transaction rollback, resources, operator intervention; and codes of the system's network calls.
  return code === "" || /^(08|40|53|57|E[A-Z]+$)/.test(code);
}

function isTakenAway(error: unknown): boolean {
  return isPostriderError(error) && error.code === preparationTakenAway({ deliveryId: 0 }).code;
}

const partNames = {
  subject: "Subject",
  sender: "Sender",
  replyTo: "Reply address",
  html: "HTML",
  text: "Text",
} as const;

function describeProblem({ part, line, column, message }: ContentProblem): string {
  return line === undefined
    ? `${partNames[part]}: ${message}`
    : `${partNames[part]}, line ${line}, column ${column}: ${message}`;
}

function auditLines(ledger: Ledger, problems: readonly ContentProblem[]): { level: string; message: string }[] {
  const excluded = Object.entries(ledger.excluded).map(([reason, count]) => `${reason} ${count}`);
  const summary = `${ledger.totalTarget} in the target, ${ledger.reject} excluded${excluded.length > 0 ? ` (${excluded.join(", ")})` : ""}, ${ledger.toDeliver} to deliver.`;
  return [
    { level: "info", message: summary },
    ...(ledger.toDeliver === 0 ? [{ level: "warning", message: "Nobody is left to deliver to." }] : []),
    ...problems.map((problem) => ({ level: problem.level, message: describeProblem(problem) })),
  ];
}

function logEnd({ log }: Context, deliveryId: number, preparation: Preparation, durationMs: number): void {
  if (preparation.kind === "ready") {
    const { toDeliver, reject, parts } = preparation;
    log.info("delivery.prepared", { deliveryId, toDeliver, reject, parts, durationMs });
  } else if (preparation.kind === "failed") {
    log.warning("delivery.preparation_refused", { deliveryId, problems: preparation.problems.length, durationMs });
  } else {
    log.info("delivery.preparation_cancelled", { deliveryId, durationMs });
  }
}
