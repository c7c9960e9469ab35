/** The DNS as mta asks it: whether a server answers, what it says of our keys, and where notices of bounces would go. */

import { checkDkimKeys } from "#campaign/content/dkim/rotate-keys.ts";
import { recordName } from "#campaign/content/dkim/dkim-record.ts";
import { instanceSettings, routeSettings } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import { openResolver, type Resolver } from "#protocols/dns/open-resolver.ts";

import { mtaDnsSettings } from "../settings.ts";

const answerMs = 2_000;
const tries = 2;

/** Asks for names that this instance has; what nobody sends with is only told as a note. */
export async function checkDns(visit: InstanceVisit): Promise<Examination> {
  const { settings, db } = visit;
  const { nameServers, timeout } = settings.of(mtaDnsSettings);
  const { bounceDomain } = settings.of(instanceSettings);
  const isLive = settings.of(routeSettings).route !== "inbox";
  const servers = nameServers.join(", ") || "resolv.conf";
  const resolver = openResolver({ servers: nameServers, timeoutMs: Math.min(timeout, answerMs), tries });
  const answer = await resolver.ask(bounceDomain, "MX");
  if (answer.kind === "failed") {
    const severity = isLive && settings.of(routeSettings).route === "mx" ? "error" : "note";
    return { findings: [{ severity, problem: "dns.silent", values: { servers, reason: answer.reason } }] };
  }
  const findings: Finding[] = [];
  const hasBounceDomain = settings.origin("instance.bounceDomain") !== "default";
  if (isLive && hasBounceDomain && answer.kind !== "records")
    findings.push({ severity: "warning", problem: "dns.noBounceMx", values: { bounceDomain } });
  const checked = await checkDkimKeys(db, undefined, lookUpBy(resolver));
  findings.push(...checked.flatMap((key) => judgeKey(key, isLive)));
  return { findings, seen: { text: "seen.dns", values: { servers, keys: checked.length } } };
}

/** A key that signs and cannot be found makes every message suspect; one that is to come is only not ready. */
function judgeKey({ key, problem }: Awaited<ReturnType<typeof checkDkimKeys>>[number], isLive: boolean): Finding[] {
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
