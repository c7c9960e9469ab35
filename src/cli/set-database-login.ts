/** `postrider config -setdblogin:[dbms:]account[:db][/password]@server`: says where an instance's database is. */

import { checkDatabase, describeAddress } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import type { Home } from "#foundation/home.ts";
import { loadSecrets } from "#foundation/secrets.ts";

import { invalidArgument } from "./errors.ts";
import { findDefaultInstance } from "./open-instance-database.ts";
import { writeSettings } from "./single-settings.ts";

const form = "-setdblogin:[PostgreSQL:]account[:database][/password]@server[:port]";

export type DatabaseLogin = { readonly url: string; readonly password: string };

/**
 * Writes address and encrypted password to the instance's settings, and tries them.
 * @param chosen the instance of `-instance:`; without it the only one, or `main`
 * @returns what was written, and whether the database answers
 * @throws invalidArgument, unknownInstance
 */
export async function setDatabaseLogin(home: Home, chosen: string | undefined, text: string): Promise<string> {
  const login = parseDatabaseLogin(text);
  const instance = chosen ?? findDefaultInstance(home);
  const where = describeAddress(login);
  const file = writeSettings(home, instance, {
    "database.url": login.url,
    "database.password": login.password === "" ? "" : loadSecrets(home).encrypt(login.password),
  });
  const answer = await checkDatabase(login).then(
    () => "It answers.",
    (error: unknown) => `It does not answer yet. ${describeError(error)}`,
  );
  return `The database of ${instance} is ${where}, written to ${file}. ${answer}`;
}

/**
 * Reads Classic's form. The password may hold any character; without a database the account's name is taken.
 * @throws invalidArgument
 */
export function parseDatabaseLogin(text: string): DatabaseLogin {
  const at = text.lastIndexOf("@");
  const server = text.slice(at + 1);
  const slash = text.slice(0, Math.max(0, at)).indexOf("/");
  const names = (slash < 0 ? text.slice(0, Math.max(0, at)) : text.slice(0, slash))
    .replace(/^postgres(ql)?:/i, "")
    .split(":");
  const [account = "", database = account] = names;
  if (at < 1 || account === "" || database === "" || names.length > 2 || !/^(\/|\[?[\w.:-]+\]?)/.test(server)) {
    throw invalidArgument({ argument: "-setdblogin", form });
  }
  const isSocket = server.startsWith("/");
  const path = `${encodeURIComponent(database)}${isSocket ? `?host=${encodeURIComponent(server)}` : ""}`;
  return {
    url: `postgres://${encodeURIComponent(account)}@${isSocket ? "localhost" : server}/${path}`,
    password: slash < 0 ? "" : text.slice(slash + 1, at),
  };
}
