/** Which rule governs which path: looked for once, and remembered until the rules are read again. */

import type { Path } from "#channels/permits/permit-messages.ts";

import { findRule, type MxRule } from "./mx-rule.ts";

export type RulesInForce = {
  of(path: Path): MxRule;
  set(rules: readonly MxRule[]): void;
  readonly count: number;
};

const mostRemembered = 200_000;

/** Opens without any rule. */
export function openRulesInForce(): RulesInForce {
  const remembered = new Map<string, MxRule>();
  let rules: readonly MxRule[] = [];
  return {
    of: (path) => {
      const key = `${path.publicId}|${path.host}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const rule = findRule(rules, path);
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(key, rule);
      return rule;
    },
    set: (given) => {
      rules = given;
      remembered.clear();
    },
    get count() {
      return rules.length;
    },
  };
}
