/** The addresses that mail leaves from, as far as this host can know them, each with the name that it says there. */

import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { hostname } from "node:os";

import type { InstanceVisit } from "#foundation/doctor/check.ts";
import type { Resolver } from "#protocols/dns/open-resolver.ts";

import { defaultAffinity } from "../child/routing/find-pool.ts";
import { isPrivateAddress } from "../child/routing/private-address.ts";
import { mtaAffinitySettings, mtaDnsSettings, mtaSettings } from "../settings.ts";
import { listAddressesOf } from "./open-dns.ts";

export type OwnAddress = {
  readonly address: string;
  readonly heloName: string;
  /** Written in the settings; else the system chooses it. */
  readonly isDeclared: boolean;
};

/** A root server of the DNS: nothing is sent there, and nobody has it in his own network. */
const farAway = { ipv4: "198.41.0.4", ipv6: "2001:503:ba3e::2:30" };

/** What the settings name, and what the system chooses where they name none. Private ones are replaced in public by somebody else. */
export async function listOwnAddresses({ settings }: Pick<InstanceVisit, "settings">): Promise<OwnAddress[]> {
  const { ipAffinity } = settings.of(mtaAffinitySettings);
  const { localAddress } = settings.of(mtaSettings);
  const usual = settings.of(mtaDnsSettings).localDomain || hostname();
  const declared = ipAffinity
    .flatMap(({ addresses }) => addresses)
    .map(({ address, heloHost }) => ({ address, heloName: heloHost || usual, isDeclared: true }));
  if (ipAffinity.some(({ names }) => names.includes(defaultAffinity))) return distinct(declared);
  if (localAddress !== "") return distinct([...declared, { address: localAddress, heloName: usual, isDeclared: true }]);
  const chosen = await Promise.all([findChosen("udp4", farAway.ipv4), findChosen("udp6", farAway.ipv6)]);
  const ofSystem = chosen.flatMap((address) =>
    address === undefined ? [] : [{ address, heloName: usual, isDeclared: false }],
  );
  return distinct([...declared, ...ofSystem]);
}

/**
 * As receivers see them. Behind a translation of addresses only the name that is said in EHLO tells which one that is.
 * @returns none where not even that tells it; undefined when the DNS does not answer
 */
export async function listPublicAddresses(
  resolver: Resolver,
  own: readonly OwnAddress[],
): Promise<OwnAddress[] | undefined> {
  const found = await Promise.all(
    own.map(async (one) => {
      if (!isPrivateAddress(one.address)) return [one];
      const named = await listAddressesOf(resolver, one.heloName);
      if (named === undefined) return undefined;
      const isSame = (address: string): boolean => isIPv6(address) === isIPv6(one.address);
      return named
        .filter((address) => isSame(address) && !isPrivateAddress(address))
        .map((address) => ({ ...one, address }));
    }),
  );
  const known = found.filter((each) => each !== undefined);
  return known.length < found.length ? undefined : distinct(known.flat());
}

/** Connecting a datagram socket sends nothing: the system only looks which way that address would be reached. */
function findChosen(kind: "udp4" | "udp6", far: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(kind);
    const end = (address?: string): void => {
      socket.close(() => resolve(address));
    };
    socket.once("error", () => end());
    // Without a callback a failure comes as an event.
    socket.once("connect", () => end(socket.address().address));
    socket.connect(53, far);
  });
}

function distinct(addresses: readonly OwnAddress[]): OwnAddress[] {
  return [...new Map(addresses.map((one) => [one.address, one])).values()];
}
