/** What a check of doctor is handed, on a database and a home of the test's own. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import type { Examination, InstanceVisit } from "#foundation/doctor/check.ts";
import { loadSecrets } from "#foundation/secrets.ts";

import { aHome, someSettings } from "./context.ts";
import { aDatabaseAddress } from "./database.ts";
import { type Ending, inReverse } from "./endings.ts";

/**
 * A visit of the instance `main`.
 * @param given.settings TOML over the defaults
 */
export async function aVisit(
  test: Ending,
  given: { settings?: string; address?: DatabaseAddress } = {},
): Promise<InstanceVisit> {
  const t = inReverse(test);
  const home = aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const secrets = loadSecrets(home);
  const address = given.address ?? (await aDatabaseAddress(t));
  const db: Database = openDatabase({ address, applicationName: "test", maxConnections: 3 });
  t.after(() => db.close());
  const toml = `database.url = ${JSON.stringify(address.url)}\n${given.settings ?? ""}`;
  return {
    home,
    secrets,
    db,
    settings: someSettings(toml, secrets),
    environment: {},
    host: "testhost",
    instance: "main",
    instances: ["main"],
    now: () => new Date(),
    signal: new AbortController().signal,
  };
}

/** `error folders.full` of each finding, or the obstacle. */
export function problemsOf(examination: Examination): string[] {
  return "obstacle" in examination
    ? [`obstacle ${examination.obstacle}`]
    : examination.findings.map(({ severity, problem }) => `${severity} ${problem}`);
}
