/** The second half of `pdump -who`: who is logged on, and which process holds how many database connections. */

import { describeAddress } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import { type Home, listInstances } from "#foundation/home.ts";

import { findDatabase, withDatabase } from "./open-instance-database.ts";
import { listConnections, listSessions } from "./overview-store.ts";

const width = 66;

/** Both lists as text, under Classic's headings. A database that is away is named instead. */
export async function describeConnections(home: Home): Promise<string> {
  const sessions: string[] = [];
  const connections: string[] = [];
  for (const instance of listInstances(home)) {
    try {
      const server = describeAddress(findDatabase(home, instance));
      await withDatabase(home, instance, async (db) => {
        for (const { lastAccess, remoteAddress, login } of await listSessions(db)) {
          sessions.push(`${formatTime(lastAccess)} ${remoteAddress || "-"} ${instance} ${login}`);
        }
        for (const { applicationName, login, connections: count } of await listConnections(db)) {
          connections.push(`${applicationName || "-"} ${server} PostgreSQL ${login}${count > 1 ? ` (${count})` : ""}`);
        }
      });
    } catch (error) {
      connections.push(`${instance}: ${describeError(error)}`);
    }
  }
  return `\n${[
    heading("Connections"),
    "Last Access IP Instance Login",
    ...sessions,
    "",
    heading("Connection pool"),
    "Datasource Server Provider Login",
    ...connections,
  ].join("\n")}\n`;
}

function heading(title: string): string {
  return `${title} `.padEnd(width, "-");
}

function formatTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(time.getDate())}/${two(time.getMonth() + 1)}/${time.getFullYear()} ${time.toTimeString().slice(0, 8)}`;
}
