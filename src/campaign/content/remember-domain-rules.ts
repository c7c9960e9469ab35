/** Keeps the rules of domain management at hand, and reads them again before they are old: a change needs no restart. */

import type { Statements } from "#foundation/database.ts";

import { listDomainRules } from "./domain-rule-store.ts";
import { type DomainRule, findDomainRule } from "./find-domain-rule.ts";

/** The rule that governs a domain. */
export type RecallDomainRule = (domain: string) => Promise<DomainRule | undefined>;

/** An edited rule is in force within this time. */
const rememberedMs = 30_000;

/**
 * Reads the rules with the first question. While the database is away, those that were read last hold; one that was never
 * read is an error of the database's.
 */
export function rememberDomainRules(options: { db: Statements; elapsedMs: () => number }): RecallDomainRule {
  let rules: Promise<readonly DomainRule[]> | undefined;
  let untilMs = 0;
  const read = async (known: Promise<readonly DomainRule[]> | undefined): Promise<readonly DomainRule[]> => {
    try {
      return await listDomainRules(options.db);
    } catch (error) {
      if (known === undefined) throw error;
      return known;
    }
  };
  return async (domain) => {
    if (rules === undefined || options.elapsedMs() >= untilMs) {
      untilMs = options.elapsedMs() + rememberedMs;
      const reading = read(rules);
      rules = reading;
      reading.catch(() => {
        if (rules === reading) rules = undefined;
      });
    }
    return findDomainRule(await rules, domain);
  };
}
