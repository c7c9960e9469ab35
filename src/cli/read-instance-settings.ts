/** Reads an instance's settings for a command. */

import type { Home } from "#foundation/home.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { readSettings, type Settings } from "#foundation/settings.ts";
import { allSections } from "#modules/roster.ts";

/**
 * The settings of an instance, over the host's.
 * @throws invalidSettings
 */
export function readInstanceSettings(home: Home, instance: string): Settings {
  const environment = process.env;
  return readSettings({ home, sections: allSections, environment, secrets: loadSecrets(home), instance }).settings;
}
