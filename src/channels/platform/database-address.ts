/** Where the database of an instance is. */

import { databaseSettings } from "#foundation/common-settings.ts";
import type { DatabaseAddress } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";
import type { Settings } from "#foundation/settings.ts";

import { embeddedAddress } from "./embedded-database.ts";

/** The address that an instance's settings name; an empty one means the embedded server. */
export function databaseAddress(home: Home, instance: string, settings: Settings): DatabaseAddress {
  const { url, password } = settings.of(databaseSettings);
  return url === "" ? embeddedAddress(home, instance) : { url, password };
}
