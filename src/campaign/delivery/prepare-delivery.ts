/** Prepares a delivery: reads its content, collects its target, excludes, and writes the ledger and the parts that children send. */

import { schemasOf } from "#campaign/structure/instance-schemas.ts";
import type { ContentProblem } from "#campaign/content/analyze-content.ts";
import { ensurePartitions } from "#datamodel/partitions-store.ts";
import { findViewer } from "#campaign/access/find-viewer.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { Statements } from "#foundation/database.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { compileSql } from "#foundation/sql.ts";
import { holdsRight, type Viewer } from "#datamodel/viewer.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { analyzeDelivery, type AnalyzedDelivery } from "./analyze-delivery.ts";
import type { Delivery } from "./delivery.ts";
import { type DeliverySettings, parseDeliverySettings } from "./delivery-settings.ts";
import {
  advancePreparation,
  completePreparation,
  failPreparation,
  insertAudit,
  notifyDelivery,
  releasePreparation,
} from "./delivery-store.ts";
import { blockedByRule, preparationTakenAway } from "./errors.ts";
import { holdForPreparation, type Lease } from "./hold-for-preparation.ts";
import { type Ledger, writeLedger } from "./write-ledger.ts";
import { keepFiles } from "./delivery-file-store.ts";
import { keepViews } from "./delivery-view-store.ts";
import { readableFiles } from "./readable-files.ts";
import { rehearseContent } from "./rehearse-content.ts";
import { resolveTarget, type TargetCondition } from "./resolve-target.ts";
import { parseTarget } from "./target.ts";
import { checkDelivery, type Checked, hasScripts, listUnapplied } from "./typology/check-delivery.ts";
import { weightOf } from "./typology/exclude-by-rules.ts";
import { loadTypology, type RuleWorld } from "./typology/load-typology.ts";
import type { Finding, Phase, Typology } from "./typology/rule.ts";

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
  const content = await analyzeDelivery(context, delivery, await readableFiles(context, delivery));
  const errors = content.problems.filter(({ level }) => level === "error").map(describeProblem);
  if (errors.length > 0) return await fail(context, lease, errors);
  const plan = await planPreparation(context, delivery, content);
  const forbidden = plan.findings.filter(({ level }) => level === "error").map(({ message }) => message);
  if (forbidden.length > 0) return await fail(context, lease, forbidden);
  const failed = await rehearseContent(context, delivery, content, plan.target);
  if (failed.length > 0) return await fail(context, lease, failed.map(describeProblem));
  await ensurePartitions(context.db, context.clock.now());
  try {
    const { ledger, findings } = await context.db.transaction((tx) => prepareInTransaction(context, tx, lease, plan));
    return {
      kind: "ready",
      warnings: findings.filter(({ level }) => level === "warning").map(({ message }) => message),
      ...ledger,
    };
  } catch (error) {
    if (isTakenAway(error)) return { kind: "cancelled" };
    throw error;
  }
}

type Plan = {
  readonly settings: DeliverySettings;
  readonly content: AnalyzedDelivery;
  readonly typology: Typology;
  readonly target: TargetCondition;
  readonly world: RuleWorld & { readonly viewer: Viewer };
  readonly contactDate: Date;
  readonly validityDate: Date;
  /** What is known to be wrong before the target is looked at. */
  readonly findings: readonly Finding[];
};

/** Everything that is decided before the target is collected. */
async function planPreparation(context: Context, delivery: Delivery, content: AnalyzedDelivery): Promise<Plan> {
  const { db, clock, settings } = context;
  const wishes = parseDeliverySettings(delivery.data);
  const schemas = await schemasOf(context);
  const { timezone } = settings.of(instanceSettings);
  const viewer = await findViewer(db, delivery.modifiedBy, timezone);
  const world = { timezone, schemas, viewer };
  const target = await resolveTarget(db, parseTarget(delivery.target, schemas), world);
  if (context.log.traces("xtkquery"))
    context.log.trace("xtkquery", "query.compiled", {
      deliveryId: delivery.deliveryId,
      where: compileSql(target.where).text,
    });
  const typology = await loadTypology(db, delivery, world);
  const now = clock.now();
  const contactDate = delivery.contactDate ?? now;
  const startMs = Math.max(contactDate.getTime(), now.getTime());
  const validityDate = delivery.validityDate ?? new Date(startMs + validitySec * 1_000);
  const checked = { delivery, settings: wishes, content, toDeliver: 0, contactDate: new Date(startMs), validityDate };
  const findings: Finding[] = [
    ...content.problems.map((problem): Finding => ({ level: problem.level, message: describeProblem(problem) })),
    ...listUnapplied(typology),
    ...(await applyControls(context, typology, "startOfTargeting", checked)),
  ];
  return { settings: wishes, content, typology, target, world, contactDate, validityDate, findings };
}

async function prepareInTransaction(
  context: Context,
  tx: Statements,
  lease: Lease,
  plan: Plan,
): Promise<{ ledger: Ledger; findings: readonly Finding[] }> {
  const { delivery, owner } = lease;
  const { deliveryId } = delivery;
  const { typology, contactDate, validityDate } = plan;
  /** Told outside the transaction, so that screens show it; each time it is asked whether the delivery is still ours. */
  const advance = async (state: DeliveryState): Promise<void> => {
    if (lease.isLost() || !(await advancePreparation(context.db, deliveryId, owner, state)))
      throw preparationTakenAway({ deliveryId });
  };
  const findings = [...plan.findings];
  const affinity = delivery.affinity === "" ? typology.affinity : delivery.affinity;
  const ledger = await writeLedger({
    ...plan,
    db: context.db,
    tx,
    delivery,
    affinity,
    links: plan.content.links,
    advance,
    control: async (toDeliver) => {
      findings.push(...(await controlTarget(context, plan, delivery, toDeliver)));
    },
  });
  await keepViews(tx, deliveryId, plan.content.views);
  await keepFiles(tx, deliveryId, plan.content.files.files);
  const startsByItself = mayStartByItself(plan.settings, plan.world.viewer, findings);
  await insertAudit(tx, deliveryId, auditLines(ledger, findings));
  const isOurs = await completePreparation(tx, deliveryId, owner, {
    ...ledger,
    contactDate,
    validityDate,
    affinity,
    pressureWeight: weightOf(typology),
    startsByItself,
  });
  if (!isOurs) throw preparationTakenAway({ deliveryId });
  await notifyDelivery(tx, deliveryId);
  return { ledger, findings };
}

/** @throws blockedByRule */
async function controlTarget(context: Context, plan: Plan, delivery: Delivery, toDeliver: number): Promise<Finding[]> {
  const contactDate = new Date(Math.max(plan.contactDate.getTime(), context.clock.now().getTime()));
  const checked = { ...plan, delivery, toDeliver, contactDate };
  const found: Finding[] = [];
  for (const phase of laterPhases) found.push(...(await applyControls(context, plan.typology, phase, checked)));
  const problems = found.filter(({ level }) => level === "error").map(({ message }) => message);
  if (problems.length > 0) throw blockedByRule({ problems });
  return found;
}

/** The checks of the product, then the scripts of operators. */
async function applyControls(context: Context, typology: Typology, phase: Phase, checked: Checked): Promise<Finding[]> {
  const scripts = hasScripts(typology)
    ? (await import("./typology/run-control-scripts.ts")).runControlScripts
    : undefined;
  return [...checkDelivery(typology, phase, checked), ...((await scripts?.(context, typology, phase, checked)) ?? [])];
}

const laterPhases = ["afterTargeting", "startOfPersonalization", "endOfAnalysis"] as const;

/** Its approval says so, and who described it may start deliveries. */
function mayStartByItself({ approval }: DeliverySettings, viewer: Viewer, findings: readonly Finding[]): boolean {
  if (approval === "manual" || !holdsRight(viewer, "deliveryStart")) return false;
  return approval === "automatic" || !findings.some(({ level }) => level === "warning");
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
  errorAddress: "Error address",
  headers: "Additional headers",
  html: "HTML",
  text: "Text",
  attachments: "Attachments",
} as const;

function describeProblem({ part, line, column, message }: ContentProblem): string {
  return line === undefined
    ? `${partNames[part]}: ${message}`
    : `${partNames[part]}, line ${line}, column ${column}: ${message}`;
}

function auditLines(ledger: Ledger, findings: readonly Finding[]): { level: string; message: string }[] {
  const excluded = Object.entries(ledger.excluded).map(([reason, count]) => `${reason} ${count}`);
  const summary = `${ledger.totalTarget} in the target, ${ledger.reject} excluded${excluded.length > 0 ? ` (${excluded.join(", ")})` : ""}, ${ledger.toDeliver} to deliver.`;
  return [
    { level: "info", message: summary },
    ...ledger.excludedByRules.map(({ label, count }) => ({ level: "info", message: `${label}: ${count} excluded.` })),
    ...(ledger.seeds > 0 ? [{ level: "info", message: `${ledger.seeds} seed addresses.` }] : []),
    ...(ledger.waves > 1 ? [{ level: "info", message: `${ledger.waves} waves.` }] : []),
    ...(ledger.toDeliver === 0 ? [{ level: "warning", message: "Nobody is left to deliver to." }] : []),
    ...findings,
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
