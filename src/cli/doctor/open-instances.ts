/** Opens what checks of instances are handed; what cannot be opened is found by the checks of settings and database. */

import { existsSync } from "node:fs";

import { databaseAddress } from "#channels/platform/database-address.ts";
import { openDatabase } from "#foundation/database.ts";
import { type Home, listInstances } from "#foundation/home.ts";
import { unknownInstance } from "#foundation/home-errors.ts";
import { loadSecrets, secretKeyFile } from "#foundation/secrets.ts";
import { readSettings } from "#foundation/settings.ts";
import { allSections } from "#modules/roster.ts";

import type { VisitedInstance } from "./run-checks.ts";

/** Checks run side by side: each statement is a short one. */
const connections = 3;
const connectTimeoutMs = 3_000;
const answerTimeoutMs = 5_000;

/**
 * The instance asked for, or all.
 * @throws unknownInstance
 */
export function openInstances(
  home: Home,
  environment: NodeJS.ProcessEnv,
  wanted: string | undefined,
): { instances: VisitedInstance[]; close(): Promise<void> } {
  const known = listReadable(home);
  if (wanted !== undefined && !known.includes(wanted)) throw unknownInstance({ name: wanted, known });
  const instances = known
    .filter((name) => wanted === undefined || name === wanted)
    .map((name) => openOne(home, environment, name));
  return {
    instances,
    close: async () => {
      await Promise.allSettled(instances.flatMap(({ open }) => (open === undefined ? [] : [open.db.close()])));
    },
  };
}

/** A folder that this user may not read has none; the check of the settings says so. */
function listReadable(home: Home): string[] {
  try {
    return listInstances(home);
  } catch {
    return [];
  }
}

function openOne(home: Home, environment: NodeJS.ProcessEnv, name: string): VisitedInstance {
  try {
    // Reading the secrets makes the key file where there is none: to look must change nothing.
    if (!existsSync(secretKeyFile(home))) return { name };
    const secrets = loadSecrets(home);
    const { settings } = readSettings({ home, sections: allSections, environment, secrets, instance: name });
    const db = openDatabase({
      address: databaseAddress(home, name, settings),
      applicationName: `doctor@${name}`,
      maxConnections: connections,
      connectTimeoutMs,
      answerTimeoutMs,
    });
    return { name, open: { settings, secrets, db } };
  } catch {
    return { name };
  }
}
