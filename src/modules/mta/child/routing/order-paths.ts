/** Turns mail exchangers into the addresses that are tried, in order. */

import { isIP } from "node:net";

import type { Destination, MailExchanger } from "./destination.ts";
import { isPrivateAddress } from "./private-address.ts";
import type { AddressAnswer, Names } from "./resolve-mx.ts";

export type Target = {
  readonly host: string;
  readonly address: string;
  readonly preference: number;
  /** Left out = the destination's. */
  readonly port?: number;
};

export type Targets =
  | { readonly kind: "targets"; readonly targets: readonly Target[] }
  /** No address may ever be connected to. */
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "unresolved"; readonly text: string };

/** More addresses than this are not tried for a message. */
export const mostTargets = 5;

/**
 * Resolves a destination's exchangers: best preference first, equal ones in random order, at most five addresses.
 * @param random from 0 to below 1
 */
export async function orderPaths(
  destination: Destination,
  options: { names: Pick<Names, "resolveAddresses" | "lookUpHost">; allowsPrivate: boolean; random: () => number },
): Promise<Targets> {
  const targets: Target[] = [];
  let refused = 0;
  let failure: string | undefined;
  for (const exchanger of shuffleTies(destination.exchangers, options.random)) {
    if (targets.length >= mostTargets) break;
    const answer = await addressesOf(
      exchanger,
      destination.isTrusted ? options.names.lookUpHost : options.names.resolveAddresses,
    );
    if (answer.kind === "failed") failure = `DNS query failed for '${exchanger.host}': ${answer.reason}`;
    if (answer.kind !== "addresses") continue;
    for (const address of shuffleFamilies(answer.addresses, options.random)) {
      if (!destination.isTrusted && !options.allowsPrivate && isPrivateAddress(address)) refused += 1;
      else if (targets.length < mostTargets) targets.push({ ...exchanger, address });
    }
  }
  if (targets.length > 0) return { kind: "targets", targets };
  if (failure !== undefined) return { kind: "unresolved", text: failure };
  if (refused > 0)
    return { kind: "refused", text: "5.4.4 the mail exchangers have private or loopback addresses only" };
  return { kind: "refused", text: "5.4.4 the mail exchangers have no address" };
}

function addressesOf(
  { host }: MailExchanger,
  resolve: (host: string) => Promise<AddressAnswer>,
): Promise<AddressAnswer> {
  return isIP(host) === 0 ? resolve(host) : Promise.resolve({ kind: "addresses", addresses: [host] });
}

function shuffleTies(exchangers: readonly MailExchanger[], random: () => number): MailExchanger[] {
  return shuffleWithin(exchangers, ({ preference }) => preference, random);
}

/** The addresses of one name share the load: what DNS shuffled once is remembered here for long. */
function shuffleFamilies(addresses: readonly string[], random: () => number): string[] {
  return shuffleWithin(addresses, isIP, random);
}

function shuffleWithin<T>(things: readonly T[], rankOf: (thing: T) => number, random: () => number): T[] {
  if (things.length < 2) return [...things];
  return things
    .map((thing) => ({ thing, rank: rankOf(thing), chance: random() }))
    .sort((a, b) => a.rank - b.rank || a.chance - b.chance)
    .map(({ thing }) => thing);
}
