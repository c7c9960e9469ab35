/** The DNS as mta asks it: whether a server answers, what it says of our keys, and where notices of bounces would go. */

import type { KeyAlgorithm } from "#campaign/content/dkim/dkim-key-store.ts";
import { findRecordProblem, recordName } from "#campaign/content/dkim/dkim-record.ts";
import { publishedForm } from "#campaign/content/dkim/published-form.ts";
import { checkDkimKeys } from "#campaign/content/dkim/rotate-keys.ts";
import { loadDkimKey } from "#campaign/content/load-dkim-key.ts";
import { instanceSettings, routeSettings } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import type { DkimKey } from "#protocols/dkim/dkim-key.ts";
import type { Resolver } from "#protocols/dns/open-resolver.ts";

import { openDns } from "./open-dns.ts";

/** A key with what the DNS says of it. */
type Seen = {
  readonly key: { readonly domain: string; readonly selector: string; readonly state: "active" | "next" | "retired" };
  readonly problem: string | undefined;
};

/** Asks for names that this instance has; what nobody sends with is only told as a note. */
export async function checkDns(visit: InstanceVisit): Promise<Examination> {
  const { settings, db } = visit;
  const { bounceDomain } = settings.of(instanceSettings);
  const { route } = settings.of(routeSettings);
  const isLive = route !== "inbox";
  const { resolver, servers } = openDns(visit);
  const answer = await resolver.ask(bounceDomain, "MX");
  if (answer.kind === "failed") {
    const severity = route === "mx" ? "error" : "note";
    return { findings: [{ severity, problem: "dns.silent", values: { servers, reason: answer.reason } }] };
  }
  const findings: Finding[] = [];
  const hasBounceDomain = settings.origin("instance.bounceDomain") !== "default";
  if (isLive && hasBounceDomain && answer.kind !== "records")
    findings.push({ severity: "warning", problem: "dns.noBounceMx", values: { bounceDomain } });
  const lookUp = lookUpBy(resolver);
  const checked = [...(await checkDkimKeys(db, undefined, lookUp)), ...(await checkKeyOfSettings(visit, lookUp))];
  findings.push(...checked.flatMap((key) => judgeKey(key, isLive)));
  return { findings, seen: { text: "seen.dns", values: { servers, keys: checked.length } } };
}

/** One that cannot be read is a finding of the check of keys. */
async function checkKeyOfSettings(
  { settings, home }: InstanceVisit,
  lookUp: (name: string) => Promise<readonly string[]>,
): Promise<Seen[]> {
  const key = readKeyOfSettings(() => loadDkimKey(settings, home));
  if (key === undefined) return [];
  const { domain, selector, privateKey } = key;
  const algorithm: KeyAlgorithm = key.algorithm === "rsa-sha256" ? "rsa" : "ed25519";
  const published = { domain, selector, algorithm, publicKey: publishedForm(privateKey) };
  const problem = findRecordProblem(published, await lookUp(recordName(key)));
  return [{ key: { domain, selector, state: "active" }, problem }];
}

function readKeyOfSettings(load: () => DkimKey | undefined): DkimKey | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}

/** A key that signs and cannot be found makes every message suspect; one that is to come is only not ready. */
function judgeKey({ key, problem }: Seen, isLive: boolean): Finding[] {
  if (problem === undefined) return [];
  const values = { domain: key.domain, name: recordName(key), selector: key.selector, reason: problem };
  if (key.state === "active") return [{ severity: isLive ? "error" : "note", problem: "dns.dkimWrong", values }];
  return [{ severity: "note", problem: "dns.dkimNotYet", values }];
}

/** A name that cannot be looked up now has no record for who checks a signature now. */
function lookUpBy(resolver: Resolver): (name: string) => Promise<readonly string[]> {
  return async (name) => {
    const answer = await resolver.ask(name, "TXT");
    return answer.kind === "records" ? answer.records.map(({ text }) => text) : [];
  };
}
