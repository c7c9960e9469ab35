/** Builds what a module is handed, with a database, a home and settings of the test's own. */

import { randomBytes } from "node:crypto";

import type { Database } from "#foundation/database.ts";
import { type Home, locateHome, prepareHome } from "#foundation/home.ts";
import { type Log, silentLog } from "#foundation/log.ts";
import type { Context } from "#foundation/module.ts";
import { type Secrets, secretsFromKey } from "#foundation/secrets.ts";
import { resolveSettings, type Settings } from "#foundation/settings.ts";
import { allSections } from "#modules/roster.ts";

import type { Ending } from "./endings.ts";
import { aDatabase } from "./database.ts";
import { makeContext } from "./make-context.ts";
import { aFolder } from "./temporary-folder.ts";

/** A context of the instance `main`. */
export async function aContext(
  t: Ending,
  given: { db?: Database; settings?: string; log?: Log; flags?: Context["flags"]; home?: Home } = {},
): Promise<Context> {
  const secrets = secretsFromKey(randomBytes(32));
  return makeContext({
    home: given.home ?? aHome(t),
    secrets,
    settings: someSettings(given.settings ?? "", secrets),
    log: given.log ?? silentLog,
    flags: given.flags ?? {},
    db: given.db ?? (await aDatabase(t)),
  });
}

/** A data folder, removed at the end. */
export function aHome(t: Ending): Home {
  const home = locateHome({ POSTRIDER_HOME: aFolder(t) });
  prepareHome(home);
  return home;
}

/** The defaults of the product with some TOML over them. */
export function someSettings(toml: string, secrets: Secrets = secretsFromKey(randomBytes(32))): Settings {
  return resolveSettings({
    sources: [{ name: "test.toml", text: toml }],
    sections: allSections,
    environment: {},
    secrets,
  }).settings;
}
