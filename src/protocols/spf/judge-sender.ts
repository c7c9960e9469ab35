/** Whether a domain's SPF record lets an address send for it, as receivers judge it. RFC 7208. */

import { BlockList, isIP, isIPv6 } from "node:net";

import type { Resolver } from "../dns/open-resolver.ts";
import { type Mechanism, readSpfRecord } from "./read-spf-record.ts";

export type SpfVerdict =
  /** The last four by the qualifier of the first mechanism that fits; `neutral` also when none does. */
  | { readonly result: "none" | "pass" | "fail" | "softfail" | "neutral" }
  /** The record is no good: receivers treat it as if there was an error for good. */
  | { readonly result: "permerror"; readonly reason: string }
  /** The DNS did not answer. */
  | { readonly result: "temperror"; readonly reason: string }
  /** A mechanism before the end depends on more than the address (macros, ptr). */
  | { readonly result: "unknown"; readonly reason: string };

type Judging = { readonly resolver: Resolver; readonly ip: string; lookUps: number };

const mostLookUps = 10;
const byQualifier = { "+": "pass", "-": "fail", "~": "softfail", "?": "neutral" } as const;

/** Asks the DNS for the record and for all that it includes. */
export function judgeSender(resolver: Resolver, domain: string, ip: string): Promise<SpfVerdict> {
  return judge({ resolver, ip, lookUps: 0 }, domain);
}

async function judge(judging: Judging, domain: string): Promise<SpfVerdict> {
  const answer = await judging.resolver.ask(domain, "TXT");
  if (answer.kind === "failed") return { result: "temperror", reason: `${domain}: ${answer.reason}` };
  const texts = answer.kind === "records" ? answer.records.map(({ text }) => text) : [];
  const records = texts.filter((text) => /^v=spf1( |$)/i.test(text));
  if (records.length > 1) return { result: "permerror", reason: `${domain} has ${records.length} SPF records` };
  const [record] = records;
  if (record === undefined) return { result: "none" };
  const read = readSpfRecord(record);
  if ("problem" in read) return { result: "permerror", reason: `${domain}: ${read.problem}` };
  for (const mechanism of read.mechanisms) {
    const found = await fits(judging, mechanism, domain);
    if (typeof found !== "boolean") return found;
    if (found) return { result: byQualifier[mechanism.qualifier] };
  }
  if (read.redirect === undefined) return { result: "neutral" };
  if (read.redirect.includes("%")) return { result: "unknown", reason: `redirect=${read.redirect}` };
  const tooMany = count(judging, domain);
  if (tooMany !== undefined) return tooMany;
  const led = await judge(judging, read.redirect);
  return led.result === "none" ? { result: "permerror", reason: `${read.redirect} has no SPF record` } : led;
}

async function fits(judging: Judging, mechanism: Mechanism, domain: string): Promise<boolean | SpfVerdict> {
  const { kind, value, prefix4, prefix6 } = mechanism;
  const target = value === "" ? domain : value;
  const prefix = isIPv6(judging.ip) ? prefix6 : prefix4;
  if (kind === "all") return true;
  if (kind === "ip4" || kind === "ip6") return isIn(judging.ip, value, prefix);
  const tooMany = count(judging, domain);
  if (tooMany !== undefined) return tooMany;
  if (kind === "ptr" || value.includes("%")) return { result: "unknown", reason: `${domain}: ${kind}:${value}` };
  if (kind === "include") return isIncluded(judging, target);
  if (kind === "exists") {
    const found = await listAddresses(judging.resolver, target, "A");
    return "result" in found ? found : found.length > 0;
  }
  const hosts = kind === "a" ? [target] : await listExchangers(judging.resolver, target);
  if ("result" in hosts) return hosts;
  const type = isIPv6(judging.ip) ? "AAAA" : "A";
  const found = await Promise.all(hosts.map((host) => listAddresses(judging.resolver, host, type)));
  const addresses = found.flatMap((each) => ("result" in each ? [] : each));
  if (addresses.some((address) => isIn(judging.ip, address, prefix))) return true;
  return found.find((each) => "result" in each) ?? false;
}

/** @source RFC 7208 section 5.2 */
async function isIncluded(judging: Judging, domain: string): Promise<boolean | SpfVerdict> {
  const inner = await judge(judging, domain);
  if (inner.result === "none")
    return { result: "permerror", reason: `${domain}, which is included, has no SPF record` };
  if (inner.result === "permerror" || inner.result === "temperror" || inner.result === "unknown") return inner;
  return inner.result === "pass";
}

function count(judging: Judging, domain: string): SpfVerdict | undefined {
  judging.lookUps += 1;
  return judging.lookUps > mostLookUps
    ? { result: "permerror", reason: `${domain}: more than ${mostLookUps} look-ups are needed` }
    : undefined;
}

/** What stands in the DNS; a server that does not answer leaves it open. */
type Found = readonly string[] | Extract<SpfVerdict, { result: "temperror" }>;

async function listExchangers(resolver: Resolver, domain: string): Promise<Found> {
  const answer = await resolver.ask(domain, "MX");
  if (answer.kind === "failed") return { result: "temperror", reason: `${domain}: ${answer.reason}` };
  return answer.kind === "records" ? answer.records.map(({ exchange }) => exchange).slice(0, mostLookUps) : [];
}

async function listAddresses(resolver: Resolver, host: string, type: "A" | "AAAA"): Promise<Found> {
  const answer = await resolver.ask(host, type);
  if (answer.kind === "failed") return { result: "temperror", reason: `${host}: ${answer.reason}` };
  return answer.kind === "records" ? answer.records.map(({ address }) => address) : [];
}

function isIn(ip: string, network: string, prefix: number | undefined): boolean {
  const isSameKind = isIP(network) !== 0 && isIPv6(network) === isIPv6(ip);
  if (!isSameKind) return false;
  const list = new BlockList();
  const kind = isIPv6(ip) ? "ipv6" : "ipv4";
  list.addSubnet(network, prefix ?? (kind === "ipv6" ? 128 : 32), kind);
  return list.check(ip, kind);
}
