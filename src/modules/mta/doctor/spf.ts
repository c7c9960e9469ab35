/** The SPF record of the domain of return paths: whether it lets our addresses send. */

import { instanceSettings, routeSettings } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import { judgeSender, type SpfVerdict } from "#protocols/spf/judge-sender.ts";

import { openDns } from "./open-dns.ts";
import { listOwnAddresses, listPublicAddresses } from "./own-addresses.ts";

/** An address of documentation, in no record: what a relay's address is we cannot know, only whether there is a record. */
const anyAddress = "192.0.2.1";

/** Receivers look at the domain of the return path (RFC 7208 section 2.4), which is the same for all deliveries. */
export async function checkSpf(visit: InstanceVisit): Promise<Examination> {
  const { route } = visit.settings.of(routeSettings);
  const { bounceDomain: domain } = visit.settings.of(instanceSettings);
  // That no domain is set is a finding of the ways of mail.
  if (route === "inbox" || visit.settings.origin("instance.bounceDomain") === "default") return { findings: [] };
  const { resolver } = openDns(visit);
  const own = route === "mx" ? await listPublicAddresses(resolver, await listOwnAddresses(visit)) : [];
  if (own === undefined) return { obstacle: "dns" };
  const addresses = own.map(({ address }) => address);
  const judged = await Promise.all(
    (addresses.length === 0 ? [anyAddress] : addresses).map(async (address) => ({
      address,
      verdict: await judgeSender(resolver, domain, address),
    })),
  );
  if (judged.some(({ verdict }) => verdict.result === "temperror")) return { obstacle: "dns" };
  const [first] = judged;
  const common = first === undefined ? undefined : explainRecord(first.verdict, domain);
  const findings =
    common === undefined
      ? judged.filter(({ address }) => addresses.includes(address)).flatMap((each) => explainAddress(each, domain))
      : [common];
  return { findings, seen: { text: "seen.spf", values: { domain, addresses: addresses.join(", ") || "-" } } };
}

/** What is wrong with the record, whoever sends. */
function explainRecord(verdict: SpfVerdict, domain: string): Finding | undefined {
  if (verdict.result === "none") return { severity: "warning", problem: "spf.none", values: { domain } };
  if (verdict.result !== "permerror") return undefined;
  return { severity: "error", problem: "spf.broken", values: { domain, reason: verdict.reason } };
}

function explainAddress({ address, verdict }: { address: string; verdict: SpfVerdict }, domain: string): Finding[] {
  const { result } = verdict;
  const values = { domain, address, network: address.includes(":") ? `ip6:${address}` : `ip4:${address}` };
  if (result === "fail") return [{ severity: "error", problem: "spf.refused", values }];
  return result === "softfail" || result === "neutral"
    ? [{ severity: "warning", problem: "spf.notNamed", values }]
    : [];
}
