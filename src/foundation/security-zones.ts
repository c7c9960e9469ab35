/** Security zones as a setting: where a caller is decides what he may do before anyone asks who he is. */

import { readTables } from "./read-tables.ts";
import type { Setting } from "./settings.ts";

/** What is allowed to callers of a zone; nothing by itself. */
export type ZoneFlags = {
  /** Probes tell more about this server. */
  readonly allowDebug: boolean;
  /** Never: a password is always needed. Known, since Classic's settings name it. */
  readonly allowEmptyPassword: boolean;
  /** Logging on without TLS. */
  readonly allowHTTP: boolean;
  /** `login/password` in place of a session token. */
  readonly allowUserPassword: boolean;
  /** A session token that a program hands over itself is enough, without a security token. */
  readonly sessionTokenOnly: boolean;
  /** Faults tell their causes. */
  readonly showErrors: boolean;
};

export type SecurityZone = {
  readonly name: string;
  /** The zone around it; an operator of the outer one may log on from here too. Empty = none. */
  readonly parent: string;
  /** Networks such as 10.0.0.0/8; `*` = every address. */
  readonly networks: readonly string[];
  /** Proxies of this zone whose X-Forwarded-* headers are believed. */
  readonly proxies: readonly string[];
  readonly flags: ZoneFlags;
};

const noFlags: ZoneFlags = {
  allowDebug: false,
  allowEmptyPassword: false,
  allowHTTP: false,
  allowUserPassword: false,
  sessionTokenOnly: false,
  showErrors: false,
};

/** Classic's own: the world, the company from outside, the company's network. */
export const shippedZones: readonly SecurityZone[] = [
  { name: "public", parent: "", networks: ["*"], proxies: [], flags: noFlags },
  {
    name: "vpn",
    parent: "public",
    networks: [],
    proxies: [],
    flags: { ...noFlags, allowDebug: true, showErrors: true },
  },
  {
    name: "lan",
    parent: "vpn",
    networks: ["192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8", "127.0.0.0/8", "fc00::/7", "::1/128"],
    proxies: [],
    flags: { ...noFlags, allowDebug: true, allowHTTP: true, sessionTokenOnly: true, showErrors: true },
  },
];

const isFlagName = (key: string): key is keyof ZoneFlags => Object.hasOwn(noFlags, key);

/** A list of zones, written as tables: `[[web.securityZones]]`, or as JSON in the environment. */
export function securityZones(options: { readonly description: string }): Setting<readonly SecurityZone[]> {
  return {
    ...options,
    default: [],
    accepts: `tables with name, parent (a zone named before it), networks, proxies, and of ${Object.keys(noFlags).join(", ")} those that are true (allowEmptyPassword never is)`,
    parse: (raw) => parseZones(readTables(raw)),
  };
}

function parseZones(tables: readonly unknown[] | undefined): readonly SecurityZone[] | undefined {
  if (tables === undefined) return undefined;
  const zones: SecurityZone[] = [];
  for (const table of tables) {
    const zone = parseZone(table);
    const isPlaced = zone?.parent === "" || zones.some(({ name }) => name === zone?.parent);
    if (zone === undefined || !isPlaced || zones.some(({ name }) => name === zone.name)) return undefined;
    zones.push(zone);
  }
  return zones;
}

function parseZone(raw: unknown): SecurityZone | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const { name, parent = "", networks = [], proxies = [], ...rest } = raw as Record<string, unknown>;
  const isNamed = typeof name === "string" && /^[\w.-]{1,60}$/.test(name) && typeof parent === "string";
  if (!isNamed || !isTextList(networks) || !isTextList(proxies)) return undefined;
  const flags: Record<string, boolean> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (!isFlagName(key) || typeof value !== "boolean" || (key === "allowEmptyPassword" && value)) return undefined;
    flags[key] = value;
  }
  return { name, parent, networks, proxies, flags: { ...noFlags, ...flags } };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
