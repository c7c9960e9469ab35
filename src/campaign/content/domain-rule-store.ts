/** Reads nms_domain_rule. */

import type { Statements } from "#foundation/database.ts";

import type { DomainRule, DomainTls } from "./find-domain-rule.ts";

/** All rules, in the order in which they are tried. */
export function listDomainRules(db: Statements): Promise<DomainRule[]> {
  return db.rows(parseDomainRule)`
    select domain_rule_id, mask, is_dkim, relay_host, relay_port, tls
      from nms_domain_rule order by position, domain_rule_id`;
}

function parseDomainRule(raw: unknown): DomainRule {
  const row = raw as {
    domain_rule_id: number;
    mask: string;
    is_dkim: boolean;
    relay_host: string;
    relay_port: number;
    tls: DomainTls;
  };
  return {
    id: row.domain_rule_id,
    mask: row.mask.trim(),
    isDkim: row.is_dkim,
    relayHost: row.relay_host.trim(),
    relayPort: row.relay_port,
    tls: row.tls,
  };
}
