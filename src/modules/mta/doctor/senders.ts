/** Domains that deliveries are sent from: whether they exist, sign, and say what receivers shall do with forgeries. */

import { chooseKeys } from "#campaign/content/dkim/choose-keys.ts";
import { listDkimKeys, type StoredKey } from "#campaign/content/dkim/dkim-key-store.ts";
import { dkimSettings } from "#campaign/content/dkim-settings.ts";
import { instanceSettings, routeSettings } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import type { Resolver } from "#protocols/dns/open-resolver.ts";

import { listAddressesOf, openDns } from "./open-dns.ts";
import { listSenderDomains } from "./senders-store.ts";

const lately = 30 * 86_400_000;
const mostDomains = 10;

/** Looks at those of the last month. */
export async function checkSenders(visit: InstanceVisit): Promise<Examination> {
  const { db, settings, now } = visit;
  if (settings.of(routeSettings).route === "inbox") return { findings: [] };
  const usual = settings.of(instanceSettings).fromAddress;
  const since = new Date(now().getTime() - lately);
  const domains = await listSenderDomains(db, { since, usual, limit: mostDomains });
  const keys = await listDkimKeys(db);
  const { resolver } = openDns(visit);
  const hasUsualKey = settings.of(dkimSettings).domain !== "";
  const found = await Promise.all(
    domains.map(async (domain) => ({
      ofDns: await Promise.all([judgeDomain(resolver, domain), judgePolicy(resolver, domain)]),
      ofKeys: hasUsualKey ? [] : judgeSignature(keys, domain, now()),
    })),
  );
  if (found.some(({ ofDns }) => ofDns.includes("unknown"))) return { obstacle: "dns" };
  const findings = found.flatMap(({ ofDns, ofKeys }) => [
    ...ofKeys,
    ...ofDns.filter((each) => each !== "unknown").flat(),
  ]);
  return { findings, seen: { text: "seen.senders", values: { domains: domains.join(", ") || "-" } } };
}

type Judged = readonly Finding[] | "unknown";

function judgeSignature(keys: readonly StoredKey[], domain: string, now: Date): Finding[] {
  return chooseKeys(keys, domain, now).length > 0
    ? []
    : [{ severity: "warning", problem: "senders.unsigned", values: { domain } }];
}

/** Servers refuse a sender to whom nobody could answer. */
async function judgeDomain(resolver: Resolver, domain: string): Promise<Judged> {
  const exchangers = await resolver.ask(domain, "MX");
  if (exchangers.kind === "failed") return "unknown";
  if (exchangers.kind === "records") return [];
  const addresses = exchangers.kind === "no_data" ? await listAddressesOf(resolver, domain) : [];
  return addresses?.length === 0 ? [{ severity: "error", problem: "senders.noMail", values: { domain } }] : [];
}

/** The policy stands at the domain or at one above it, but for the last label (RFC 7489 section 6.6.3). */
async function judgePolicy(resolver: Resolver, domain: string): Promise<Judged> {
  const labels = domain.split(".");
  const owners = labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
  const answers = await Promise.all(owners.map((owner) => resolver.ask(`_dmarc.${owner}`, "TXT")));
  const isThere = answers.some(
    (answer) => answer.kind === "records" && answer.records.some(({ text }) => /^v=DMARC1\s*(;|$)/i.test(text)),
  );
  if (!isThere && answers.some(({ kind }) => kind === "failed")) return "unknown";
  return isThere ? [] : [{ severity: "warning", problem: "senders.noDmarc", values: { domain } }];
}
