/** The DNS as mta asks it, with less patience: doctor answers within seconds. */

import type { InstanceVisit } from "#foundation/doctor/check.ts";
import { openResolver, type Resolver } from "#protocols/dns/open-resolver.ts";

import { mtaDnsSettings } from "../settings.ts";

const answerMs = 2_000;
const tries = 2;

/** @returns the resolver, and its servers in words */
export function openDns({ settings }: Pick<InstanceVisit, "settings">): { resolver: Resolver; servers: string } {
  const { nameServers, timeout } = settings.of(mtaDnsSettings);
  return {
    resolver: openResolver({ servers: nameServers, timeoutMs: Math.min(timeout, answerMs), tries }),
    servers: nameServers.join(", ") || "resolv.conf",
  };
}

/** The addresses of a name, of both kinds; undefined when the DNS does not say. */
export async function listAddressesOf(resolver: Resolver, name: string): Promise<readonly string[] | undefined> {
  const answers = await Promise.all([resolver.ask(name, "A"), resolver.ask(name, "AAAA")]);
  if (answers.every(({ kind }) => kind === "failed")) return undefined;
  return answers.flatMap((answer) => (answer.kind === "records" ? answer.records.map(({ address }) => address) : []));
}
