/** What a rule of domain management says, and which rule governs a domain. */

import { matchesMask } from "#foundation/matches-mask.ts";

export type DomainTls = "default" | "disabled" | "opportunistic" | "required";

export type DomainRule = {
  readonly id: number;
  /** Matched on a domain; `*` stands for any text, `?` for one character. */
  readonly mask: string;
  /** Read by the domain of the sender: messages from it are signed where there is a key. */
  readonly isDkim: boolean;
  /** Read by the domain of the recipient, as is what follows: mail to it is handed to this host. Empty = the usual way. */
  readonly relayHost: string;
  readonly relayPort: number;
  readonly tls: DomainTls;
};

/**
 * The first rule, in their order, whose mask matches the domain.
 * @source Classic: Domain management, "specific masks stand before *"
 */
export function findDomainRule(rules: readonly DomainRule[], domain: string): DomainRule | undefined {
  return rules.find(({ mask }) => matchesMask(mask, domain));
}
