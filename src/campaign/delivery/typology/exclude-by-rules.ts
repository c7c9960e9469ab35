/** Excludes recipients by the rules of a typology: filters before doubles are looked for, pressure behind. */

import { findExclusionMessage } from "#campaign/broadlog/find-exclusion-message.ts";
import type { Statements } from "#foundation/database.ts";
import { failureReasons } from "#schemas/codes.ts";

import type { Delivery } from "../delivery.ts";
import { excludeByFilter, excludeByPressure, excludeEverybody } from "./exclusion-store.ts";
import { compileRule, type RuleWorld } from "./load-typology.ts";
import type { FilteringRule, PressureRule, Typology } from "./rule.ts";

/** Whom a rule excluded, by the message that stands in the ledger. */
export type RuleMessages = ReadonlyMap<number, { readonly ruleId: number; readonly label: string }>;

/**
 * Excludes who meets a filtering rule.
 * @throws authorGone, errors of the expression language
 */
export async function applyFilters(tx: Statements, typology: Typology, world: RuleWorld): Promise<RuleMessages> {
  return forEachRule(tx, typology, "filtering", failureReasons.excludedByRule, async (rule: FilteringRule, msgId) => {
    // A filter without a condition is unfinished: it excludes nobody.
    if (rule.where.trim() === "") return;
    const condition = await compileRule(
      tx,
      rule,
      { schema: "nms:recipient", alias: "r", expression: rule.where },
      world,
    );
    await excludeByFilter(tx, condition, msgId);
  });
}

/** Excludes who has been, or will be, written to often enough. */
export async function applyPressure(
  tx: Statements,
  typology: Typology,
  delivery: Delivery,
  contactDate: Date,
): Promise<RuleMessages> {
  return forEachRule(
    tx,
    typology,
    "pressure",
    failureReasons.excludedByArbitration,
    async (rule: PressureRule, msgId) => {
      if (rule.threshold <= 0) await excludeEverybody(tx, msgId);
      else await excludeByPressure(tx, { ...rule, deliveryId: delivery.deliveryId, contactDate, msgId });
    },
  );
}

/** The weight of a delivery among others: that of its heaviest pressure rule. */
export function weightOf(typology: Typology): number {
  const weights = typology.rules.flatMap((rule) => (rule.kind === "pressure" ? [rule.weight] : []));
  return weights.length === 0 ? 5 : Math.max(...weights);
}

async function forEachRule<R extends FilteringRule | PressureRule>(
  tx: Statements,
  { rules }: Typology,
  kind: R["kind"],
  reason: number,
  apply: (rule: R, msgId: number) => Promise<void>,
): Promise<RuleMessages> {
  const messages = new Map<number, { ruleId: number; label: string }>();
  for (const rule of rules.filter((any): any is R => any.kind === kind)) {
    const msgId = await findExclusionMessage(tx, { ruleId: rule.ruleId, label: rule.label, reason });
    messages.set(msgId, { ruleId: rule.ruleId, label: rule.label });
    await apply(rule, msgId);
  }
  return messages;
}
