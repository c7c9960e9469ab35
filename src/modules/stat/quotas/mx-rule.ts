/** What a rule of MX management says, and which rule governs a path. */

import type { Path, TlsRule } from "#channels/permits/permit-messages.ts";
import { matchesMask } from "#foundation/matches-mask.ts";

export type MxRule = {
  readonly id: number;
  /** Matched on the name of the mail exchanger; `*` stands for any text, `?` for one character. */
  readonly mask: string;
  /** Public ids it is for, such as `1,3-5`; empty = all. */
  readonly publicIds: string;
  readonly isShared: boolean;
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  /** 0 = no limit. */
  readonly maxMessagesPerHour: number;
  readonly connectionTimeoutSec: number;
  readonly dataTimeoutSec: number;
  readonly otherTimeoutSec: number;
  readonly tls: TlsRule;
};

/** What governs where no rule matches: the values of the rule that a new instance has for every host. */
export const ruleWithoutMatch: MxRule = {
  id: 0,
  mask: "*",
  publicIds: "",
  isShared: true,
  maxConnections: 20,
  maxMessagesPerConnection: 500,
  maxMessagesPerHour: 0,
  connectionTimeoutSec: 30,
  dataTimeoutSec: 300,
  otherTimeoutSec: 60,
  tls: "default",
};

/**
 * The first rule, in their order, whose mask matches the host's name and whose public ids hold the path's.
 * @source Classic: MX management, "the first rule that matches is applied"
 */
export function findRule(rules: readonly MxRule[], path: Path): MxRule {
  return (
    rules.find((rule) => matchesMask(rule.mask, path.host) && holdsPublicId(rule.publicIds, path.publicId)) ??
    ruleWithoutMatch
  );
}

/** True when a list such as `1,3-5` names the public id; an empty one names all. */
export function holdsPublicId(publicIds: string, publicId: number): boolean {
  if (publicIds.trim() === "") return true;
  return publicIds.split(",").some((part) => {
    const [first = "", last = first] = part.split("-").map((bound) => bound.trim());
    return publicId >= Number(first) && publicId <= Number(last);
  });
}
