/** What a rule of MX management says, and which rule governs a path. */

import type { Path, TlsRule } from "#channels/permit-messages.ts";

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

/**
 * Compares a name with a mask of `*` and `?`, without regard to case.
 * The time grows with the product of the lengths at worst, whatever the mask.
 */
export function matchesMask(mask: string, name: string): boolean {
  const pattern = mask.toLowerCase();
  const text = name.toLowerCase();
  let at = 0;
  let from = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (from < text.length) {
    if (pattern[at] === "*") {
      starAt = at;
      at += 1;
      resumeAt = from;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[from])) {
      at += 1;
      from += 1;
    } else if (starAt !== -1) {
      at = starAt + 1;
      resumeAt += 1;
      from = resumeAt;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

function holdsPublicId(publicIds: string, publicId: number): boolean {
  if (publicIds.trim() === "") return true;
  return publicIds.split(",").some((part) => {
    const [first = "", last = first] = part.split("-").map((bound) => bound.trim());
    return publicId >= Number(first) && publicId <= Number(last);
  });
}
