/** Joins what the setting, the statistics server's rule and the destination ask of a connection. */

import type { TlsRule } from "#channels/permits/permit-messages.ts";
import type { SessionOptions } from "#protocols/smtp/open-session.ts";

import type { TlsDemand } from "../routing/destination.ts";

const strictness: readonly TlsDemand[] = ["disabled", "opportunistic", "required", "verified"];

/**
 * The stricter of rule and demand; a demand of `disabled` gives way to `required` only, and where neither says anything the
 * setting holds.
 */
export function chooseTls(options: {
  usesTls: boolean;
  rule: TlsRule;
  demand: TlsDemand | undefined;
}): Pick<SessionOptions, "tls" | "mustVerify"> {
  const chosen = join(options);
  return chosen === "verified" ? { tls: "required", mustVerify: true } : { tls: chosen };
}

function join({ usesTls, rule, demand }: Parameters<typeof chooseTls>[0]): TlsDemand {
  if (rule === "default") return demand ?? (usesTls ? "opportunistic" : "disabled");
  if (demand === undefined) return rule;
  if (demand === "disabled" && rule !== "required") return demand;
  return strictness.indexOf(demand) > strictness.indexOf(rule) ? demand : rule;
}
