/** IP affinities as a setting: which of our addresses the messages of a delivery leave from, how often, and under which name. */

import { isIP } from "node:net";

import { readTables } from "#foundation/read-tables.ts";
import type { Setting } from "#foundation/settings.ts";

export type AffinityAddress = {
  /** A local IP address that connections leave from. */
  readonly address: string;
  /** Its number in the rules of the statistics server. */
  readonly publicId: number;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /** Masks of recipients' domains it is for; empty = all. */
  readonly includeDomains: readonly string[];
  /** Masks of recipients' domains it is not for; taken off those that are included. */
  readonly excludeDomains: readonly string[];
  /** Name that it says in EHLO; empty = the affinity's, or the host's. */
  readonly heloHost: string;
};

export type IpAffinity = {
  /** A delivery asks for one of them. */
  readonly names: readonly string[];
  readonly addresses: readonly AffinityAddress[];
};

/** A list of affinities, written as tables: `[[mta.child.smtp.ipAffinity]]`, or as JSON in the environment. */
export function ipAffinities(options: { readonly description: string }): Setting<readonly IpAffinity[]> {
  return {
    ...options,
    default: [],
    accepts:
      "tables with name (several separated by ;), localDomain, and a list ip of tables with address, publicId, weight, includeDomains, excludeDomains, heloHost",
    parse: (raw) => {
      const read = readAffinities(raw);
      return typeof read === "string" ? undefined : read;
    },
    explain: (raw) => {
      const read = readAffinities(raw);
      return typeof read === "string" ? read : undefined;
    },
  };
}

/** The names of affinities that this host declares. */
export function namesOfAffinities(affinities: readonly IpAffinity[]): string[] {
  return affinities.flatMap(({ names }) => names);
}

/** The affinities, or a sentence that says what is wrong with them. */
function readAffinities(raw: unknown): readonly IpAffinity[] | string {
  const affinities = readEach(readTables(raw), "the list of affinities", readAffinity);
  return typeof affinities === "string" ? affinities : (findContradiction(affinities) ?? affinities);
}

function readAffinity(table: Table): IpAffinity | string {
  const { name, localDomain = "", ip, ...others } = table;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) return `an affinity has no ${unknown}; it has name, localDomain and ip`;
  const names = typeof name === "string" ? splitList(name, ";") : [];
  if (names.length === 0) return "an affinity has no name";
  const where = `the affinity ${names.join(";")}`;
  if (!isHostOrEmpty(localDomain)) return `${where} has a localDomain that is no host name`;
  const addresses = readEach(ip, `the list ip of ${where}`, (one) => readAddress(one, localDomain));
  if (typeof addresses === "string") return `${where}: ${addresses}`;
  return addresses.length === 0 ? `${where} has no ip` : { names, addresses };
}

function readAddress(table: Table, localDomain: string): AffinityAddress | string {
  const { address, publicId, weight = 1, includeDomains = "", excludeDomains = "", heloHost = "", ...others } = table;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) return `an ip has no ${unknown}`;
  if (typeof address !== "string" || isIP(address) === 0) return "an ip has no address, or one that is no IP address";
  if (!isWhole(publicId, 1, 32_767)) return `publicId of ${address} is no whole number from 1 to 32767`;
  if (!isWhole(weight, 1, 1_000_000)) return `weight of ${address} is no whole number from 1 to 1000000`;
  const included = readMasks(includeDomains);
  const excluded = readMasks(excludeDomains);
  if (included === undefined || excluded === undefined)
    return `includeDomains and excludeDomains of ${address} are masks such as gmail.*, separated by commas`;
  if (!isHostOrEmpty(heloHost)) return `heloHost of ${address} is no host name`;
  return {
    address,
    publicId,
    weight,
    includeDomains: included,
    excludeDomains: excluded,
    heloHost: heloHost === "" ? localDomain : heloHost,
  };
}

/** One address is one number is one name: quotas are counted by the number, and receivers know an address by its name. */
function findContradiction(affinities: readonly IpAffinity[]): string | undefined {
  const seen = new Set<string>();
  const all: AffinityAddress[] = [];
  for (const { names, addresses } of affinities) {
    for (const name of names) {
      if (seen.has(name)) return `the affinity ${name} is declared twice`;
      seen.add(name);
    }
    const twice = addresses.find(({ address }, index) =>
      addresses.slice(0, index).some((one) => one.address === address),
    );
    if (twice !== undefined) return `the affinity ${names.join(";")} has ${twice.address} twice`;
    all.push(...addresses);
  }
  for (const one of all) {
    for (const other of all) {
      if (one.address === other.address && one.publicId !== other.publicId)
        return `${one.address} has publicId ${one.publicId} and ${other.publicId}: an address has one`;
      if (one.address !== other.address && one.publicId === other.publicId)
        return `publicId ${one.publicId} is that of ${one.address} and of ${other.address}: a number is one address`;
      if (one.address === other.address && one.heloHost !== other.heloHost)
        return `${one.address} has heloHost ${one.heloHost || "(none)"} and ${other.heloHost || "(none)"}: an address has one`;
    }
  }
  return undefined;
}

type Table = Readonly<Record<string, unknown>>;

function readEach<T>(raw: unknown, what: string, read: (table: Table) => T | string): readonly T[] | string {
  if (!Array.isArray(raw)) return `${what} is no list of tables`;
  const found: T[] = [];
  for (const table of raw as readonly unknown[]) {
    if (typeof table !== "object" || table === null || Array.isArray(table)) return `${what} is no list of tables`;
    const one = read(table as Table);
    if (typeof one === "string") return one;
    found.push(one);
  }
  return found;
}

function readMasks(raw: unknown): readonly string[] | undefined {
  const masks: readonly unknown[] =
    typeof raw === "string" ? splitList(raw, ",") : Array.isArray(raw) ? raw : [undefined];
  return masks.every((mask): mask is string => typeof mask === "string" && /^[^\s,@]{1,255}$/.test(mask))
    ? masks
    : undefined;
}

function splitList(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((item) => item.trim())
    .filter(Boolean);
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

function isHostOrEmpty(value: unknown): value is string {
  return typeof value === "string" && /^([A-Za-z0-9]([A-Za-z0-9.-]{0,252}))?$/.test(value);
}
