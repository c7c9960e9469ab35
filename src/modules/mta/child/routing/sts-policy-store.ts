/** Statements on nms_mta_sts_policy. */

import type { Statements } from "#foundation/database.ts";
import type { KeptPolicy } from "#protocols/mta-sts/open-policies.ts";
import type { StsPolicy } from "#protocols/mta-sts/sts-policy.ts";

/** The policy that was fetched last for a domain. */
export function readStsPolicy(db: Statements, domain: string): Promise<KeptPolicy | undefined> {
  return db.first(parseKept)`
    select policy_id, mode, coalesce(mx, '') as mx, max_age_sec, expires from nms_mta_sts_policy where domain = ${domain}`;
}

/** Keeps the policy of a domain; one that was fetched before is replaced. */
export function writeStsPolicy(db: Statements, domain: string, { id, policy, expires }: KeptPolicy): Promise<number> {
  return db.run`
    insert into nms_mta_sts_policy (domain, policy_id, mode, mx, max_age_sec, expires)
    values (${domain}, ${id}, ${policy.mode}, ${policy.mx.join(" ")}, ${policy.maxAgeSec}, ${expires})
    on conflict (domain) do update
      set policy_id = excluded.policy_id, mode = excluded.mode, mx = excluded.mx, max_age_sec = excluded.max_age_sec,
          expires = excluded.expires`;
}

function parseKept(raw: unknown): KeptPolicy {
  const row = raw as { policy_id: string; mode: StsPolicy["mode"]; mx: string; max_age_sec: number; expires: Date };
  const mx = row.mx.split(" ").filter((pattern) => pattern !== "");
  return { id: row.policy_id, policy: { mode: row.mode, mx, maxAgeSec: row.max_age_sec }, expires: row.expires };
}
