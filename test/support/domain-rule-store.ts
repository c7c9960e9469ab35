/** Rules of domain management, as an operator writes them. */

import type { Database } from "#foundation/database.ts";

/** Adds a rule. */
export function addDomainRule(
  db: Database,
  rule: {
    mask: string;
    position?: number;
    isDkim?: boolean;
    relayHost?: string;
    relayPort?: number;
    tls?: string;
  },
): Promise<number> {
  const { mask, position = 0, isDkim = true, relayHost = "", relayPort = 25, tls = "default" } = rule;
  return db.run`
    insert into nms_domain_rule (position, mask, is_dkim, relay_host, relay_port, tls)
    values (${position}, ${mask}, ${isDkim}, ${relayHost}, ${relayPort}, ${tls})`;
}

/** Removes all. */
export function emptyDomainRules(db: Database): Promise<number> {
  return db.run`delete from nms_domain_rule`;
}
