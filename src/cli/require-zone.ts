/** Refuses names of security zones that no setting knows: nobody could log on from there. */

import { unknownName } from "#campaign/access/errors.ts";
import { zonesOf } from "#foundation/caller-zones.ts";
import type { Home } from "#foundation/home.ts";

import { readInstanceSettings } from "./read-instance-settings.ts";

/** @throws unknownName, invalidSettings */
export function requireZone(home: Home, instance: string, zone: string): void {
  const settings = readInstanceSettings(home, instance);
  if (!zonesOf(settings).some(({ name }) => name === zone)) throw unknownName({ kind: "zone", name: zone });
}
