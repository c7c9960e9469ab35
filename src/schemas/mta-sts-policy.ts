/** Policies by which domains ask for verified TLS (MTA-STS), as they were fetched; written by mtachild. */

import { defineSchema } from "./schema.ts";

export const mtaStsPolicy = defineSchema({
  namespace: "nms",
  name: "mtaStsPolicy",
  label: "MTA-STS policies",
  labelSingular: "MTA-STS policy",
  description:
    "Policies by which recipients' domains ask for verified TLS. A policy holds to its end, also when the domain cannot be asked.",
  table: "nms_mta_sts_policy",
  attributes: {
    domain: { type: "string", column: "domain", label: "Domain", required: true },
    policyId: { type: "string", column: "policy_id", label: "Id of the record", required: true },
    mode: { type: "string", column: "mode", label: "Mode", required: true },
    mx: { type: "memo", column: "mx", label: "Mail exchangers" },
    maxAgeSec: { type: "long", column: "max_age_sec", label: "Holds for (seconds)", required: true },
    expires: { type: "datetime", column: "expires", label: "Holds until", required: true },
  },
  keys: [{ attributes: ["domain"] }],
  computeString: "@domain",
  access: { write: "server" },
  restName: "mta-sts-policies",
});
