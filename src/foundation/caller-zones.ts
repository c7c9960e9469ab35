/** Where a caller is: the zones whose networks hold his address, and what they allow together. */

import { securityZoneSettings } from "./common-settings.ts";
import { isInNetworks } from "./networks.ts";
import { type SecurityZone, shippedZones, type ZoneFlags } from "./security-zones.ts";
import type { Settings } from "./settings.ts";

/** Every zone of the settings, outer ones before those within them. */
export function zonesOf(settings: Settings): readonly SecurityZone[] {
  const { securityZones } = settings.of(securityZoneSettings);
  return securityZones.length === 0 ? shippedZones : securityZones;
}

/** Names of the zones that an address belongs to. */
export function zoneNamesOf(settings: Settings, address: string): readonly string[] {
  return zonesAt(settings, address).map(({ name }) => name);
}

/** What the zones of an address allow together. */
export function zoneFlagsOf(settings: Settings, address: string): ZoneFlags {
  const here = zonesAt(settings, address);
  const isAllowed = (flag: keyof ZoneFlags): boolean => here.some(({ flags }) => flags[flag]);
  return {
    allowDebug: isAllowed("allowDebug"),
    allowEmptyPassword: false,
    allowHTTP: isAllowed("allowHTTP"),
    allowUserPassword: isAllowed("allowUserPassword"),
    sessionTokenOnly: isAllowed("sessionTokenOnly"),
    showErrors: isAllowed("showErrors"),
  };
}

/**
 * True when an address lies in a zone or in one within it.
 * @param zone empty = anywhere, and so is `public`, which operators have by default, where no zone has that name; any other
 * zone that the settings do not know is nowhere
 */
export function isInZone(settings: Settings, address: string, zone: string): boolean {
  const zones = zonesOf(settings);
  const isKnown = zones.some(({ name }) => name === zone);
  if (!isKnown) return zone === "" || zone === "public";
  const parentOf = (name: string): string => zones.find((known) => known.name === name)?.parent ?? "";
  const isWithin = (name: string): boolean => name !== "" && (name === zone || isWithin(parentOf(name)));
  return zonesAt(settings, address).some(({ name }) => isWithin(name));
}

function zonesAt(settings: Settings, address: string): readonly SecurityZone[] {
  return zonesOf(settings).filter(({ networks }) => networks.includes("*") || isInNetworks(address, networks));
}
