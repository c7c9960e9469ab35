/** Finds which of our addresses the messages of a delivery to a domain may leave from. */

import { matchesMask } from "#foundation/matches-mask.ts";

import type { AffinityAddress, IpAffinity } from "../../ip-affinity.ts";
import { poolOf, type Source, type SourcePool } from "../sending/source.ts";

/** Undefined: none of the affinity's addresses is for that domain, or the affinity is not declared here. */
export type FindPool = (affinity: string, domain: string) => SourcePool | undefined;

/** What deliveries without an affinity use, where it is declared. */
export const defaultAffinity = "default";

/**
 * Prepares the affinities of this host.
 * @param own the address of deliveries without an affinity, where no affinity is named `default`
 */
export function openPools(options: {
  affinities: readonly IpAffinity[];
  own: Source;
  heloName: string;
  /** False: the system chooses the address, which only keeps its number and its name. */
  bindsAddresses: boolean;
}): FindPool {
  const bind = (source: Source): Source => (options.bindsAddresses ? source : { ...source, address: "" });
  const ownPool = poolOf([bind(options.own)]);
  const sources = new Map(
    options.affinities
      .flatMap(({ addresses }) => addresses)
      .map((address) => [sourceKey(address), bind(sourceOf(address, options.heloName))]),
  );
  /** Pools of the same addresses are the same. */
  const pools = new Map<string, SourcePool>();
  return (affinity, domain) => {
    const wanted = affinity === "" ? defaultAffinity : affinity;
    const declared = options.affinities.find(({ names }) => names.includes(wanted));
    if (declared === undefined) return affinity === "" ? ownPool : undefined;
    const usable = declared.addresses
      .filter((address) => isForDomain(address, domain))
      .flatMap((address) => sources.get(sourceKey(address)) ?? []);
    if (usable.length === 0) return undefined;
    const pool = poolOf(usable);
    const known = pools.get(pool.key) ?? pool;
    pools.set(pool.key, known);
    return known;
  };
}

/** @source Classic: "the exclusion is applied after the inclusion" */
function isForDomain({ includeDomains, excludeDomains }: AffinityAddress, domain: string): boolean {
  const fits = (mask: string): boolean => matchesMask(mask, domain);
  return (includeDomains.length === 0 || includeDomains.some(fits)) && !excludeDomains.some(fits);
}

function sourceKey({ address, weight }: AffinityAddress): string {
  return `${address} ${weight}`;
}

function sourceOf({ address, publicId, weight, heloHost }: AffinityAddress, heloName: string): Source {
  return { address, publicId, weight, heloName: heloHost === "" ? heloName : heloHost };
}
