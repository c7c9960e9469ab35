/** `postrider operator`: lists the operators of an instance, makes them, and says what they may do. */

import { changeRights, type RightsChange } from "#campaign/access/operators/change-rights.ts";
import { type Administration, commandLine } from "#campaign/access/operators/administration.ts";
import { createOperator } from "#campaign/access/operators/create-operator.ts";
import { disableOperator } from "#campaign/access/operators/disable-operator.ts";
import { enableOperator } from "#campaign/access/operators/enable-operator.ts";
import { endSessions } from "#campaign/access/operators/end-sessions.ts";
import { listOperators } from "#campaign/access/operators/list-operators.ts";
import { restrictOperator } from "#campaign/access/operators/restrict-operator.ts";
import { readAuditTrail } from "#campaign/access/read-audit-trail.ts";
import { counted } from "#foundation/counted.ts";
import { type Home, locateHome, parseInstanceName } from "#foundation/home.ts";
import { table } from "#foundation/text-table.ts";

import { invalidArgument, missingArgument } from "./errors.ts";
import { findDefaultInstance, withDatabase } from "./open-instance-database.ts";
import type { Arguments } from "./parse-arguments.ts";
import { requireZone } from "./require-zone.ts";
import { setPassword } from "./set-operator-password.ts";
import type { VerbRun } from "./verb.ts";

type Flags = Arguments["flags"];
type Act = (administration: Administration, flags: Flags, login: string) => Promise<string>;

/** Does the one thing that the flags ask for. */
export const operator: VerbRun = async ({ flags }) => {
  const home = locateHome(process.env);
  const given = flags["instance"];
  const instance = typeof given === "string" ? parseInstanceName(given) : findDefaultInstance(home);
  process.stdout.write(`${await perform(home, instance, flags)}\n`);
  return 0;
};

async function perform(home: Home, instance: string, flags: Flags): Promise<string> {
  if (flags["list"] !== undefined) return withDatabase(home, instance, (db) => list({ db, by: commandLine }));
  if (flags["password"] !== undefined) return setPassword(home, instance, textOf(flags, "password") ?? "");
  const name = Object.keys(acts).find((flag) => flags[flag] !== undefined);
  const act = name === undefined ? undefined : acts[name];
  if (name === undefined || act === undefined)
    throw missingArgument({
      command: "operator",
      argument: "-list, -create:LOGIN, -grant:LOGIN or another of its flags",
    });
  const login = textOf(flags, name);
  if (login === undefined) throw invalidArgument({ argument: `-${name}`, form: `-${name}:LOGIN` });
  const zone = textOf(flags, "zone");
  if (zone !== undefined) requireZone(home, instance, zone);
  return withDatabase(home, instance, (db) => act({ db, by: commandLine }, flags, login));
}

const acts: Readonly<Record<string, Act>> = {
  create: async (administration, flags, login) => {
    const { generatedPassword } = await createOperator(administration, {
      login,
      label: textOf(flags, "label") ?? "",
      password: undefined,
      rights: wordsOf(flags, "rights"),
      groups: wordsOf(flags, "groups"),
      securityZone: textOf(flags, "zone"),
      folderId: numberOf(flags, "folder"),
    });
    return `${login} is made; the password, shown only now: ${generatedPassword ?? ""}`;
  },
  grant: (administration, flags, login) =>
    change(administration, login, { grant: wordsOf(flags, "rights"), join: wordsOf(flags, "groups") }),
  revoke: (administration, flags, login) =>
    change(administration, login, { revoke: wordsOf(flags, "rights"), leave: wordsOf(flags, "groups") }),
  restrict: async (administration, flags, login) => {
    const restrictions = { securityZone: textOf(flags, "zone"), folderId: numberOf(flags, "folder") };
    await restrictOperator(administration, login, restrictions);
    return `${login}: the restrictions are set`;
  },
  disable: async (administration, _, login) => {
    await disableOperator(administration, login);
    return `${login} is disabled; its sessions and tokens are of no use any more`;
  },
  enable: async (administration, _, login) => {
    await enableOperator(administration, login);
    return `${login} may log on again`;
  },
  endsessions: async (administration, _, login) =>
    `${login}: ${counted(await endSessions(administration, login), "session is ended", "sessions are ended")}`,
  audit: async ({ db }, _, login) => {
    const entries = await readAuditTrail(db, { entityKey: login });
    const rows = entries.map(({ created, login: by, action, address, changes }) => [
      formatTime(created),
      by || "command line",
      action,
      address || "-",
      JSON.stringify(changes),
    ]);
    return table([["when (UTC)", "who", "what", "from", "changes"], ...rows]);
  },
};

async function change(administration: Administration, login: string, rights: RightsChange): Promise<string> {
  if (Object.values(rights).every((names) => names.length === 0))
    throw missingArgument({ command: "operator", argument: "-rights:NAME,NAME or -groups:NAME,NAME" });
  await changeRights(administration, login, rights);
  return `${login}: the rights are changed`;
}

async function list({ db }: Administration): Promise<string> {
  const rows = (await listOperators(db)).map(({ operator: { login, rights, securityZone, folderId }, ...entry }) => [
    login,
    entry.isDisabled ? "disabled" : rights.length === 0 ? "without rights" : "active",
    rights.join(",") || "-",
    entry.groups.join(",") || "-",
    securityZone || "-",
    folderId === 0 ? "-" : String(folderId),
    String(entry.sessions),
    entry.lastLogon === undefined ? "-" : formatTime(entry.lastLogon),
  ]);
  return table([["login", "state", "rights", "groups", "zone", "folder", "sessions", "last logon (UTC)"], ...rows]);
}

function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function wordsOf(flags: Flags, name: string): readonly string[] {
  return (textOf(flags, name) ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

function numberOf(flags: Flags, name: string): number | undefined {
  const text = textOf(flags, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw invalidArgument({ argument: `-${name}`, form: `-${name}:ID, the number of a folder` });
  return Number(text);
}

function formatTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace("T", " ");
}
