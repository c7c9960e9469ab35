/** Shows this host as alive in the database of an instance, where other hosts and the console look. */

import { openDatabase } from "#foundation/database.ts";
import type { HostContext } from "#foundation/module.ts";
import { repeat } from "#foundation/repeat.ts";
import { version } from "#foundation/version.ts";

import { registerHost } from "./database-store.ts";
import type { InstanceDatabase } from "./instance-database.ts";

const intervalMs = 60_000;

/** Registers now and once a minute, until the watchdog lets go of the database. */
export function registerWhileOpen({ address, instance, ending }: InstanceDatabase, { host, log }: HostContext): void {
  if (ending.aborted) return;
  const db = openDatabase({ address, applicationName: `watchdog@${instance}`, maxConnections: 1, log });
  const loop = repeat({ log, event: "watchdog.register_host", intervalMs }, async () => {
    await registerHost(db, host, version);
  });
  ending.addEventListener("abort", () => void loop.stop().then(() => db.close()), { once: true });
}
