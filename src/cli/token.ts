/** `postrider token`: makes, lists and ends the tokens with which programs call the REST interface. */

import { createApiToken } from "#campaign/access/api-tokens/create-api-token.ts";
import { listAllApiTokens } from "#campaign/access/api-tokens/list-api-tokens.ts";
import { revokeApiToken } from "#campaign/access/api-tokens/revoke-api-token.ts";
import { internalOperator } from "#campaign/access/operator.ts";
import { requireOperator } from "#campaign/access/operators/administration.ts";
import type { Database } from "#foundation/database.ts";
import { locateHome, parseInstanceName } from "#foundation/home.ts";
import { silentLog } from "#foundation/log.ts";
import { table } from "#foundation/text-table.ts";

import { invalidArgument, missingArgument, unknownToken } from "./errors.ts";
import { findDefaultInstance, withDatabase } from "./open-instance-database.ts";
import type { Arguments } from "./parse-arguments.ts";
import type { VerbRun } from "./verb.ts";

type Flags = Arguments["flags"];

const scopeForm = /^(\*|[a-z][a-z0-9-]*(:(read|write|methods))?)$/;

/** Does the one thing that the flags ask for. */
export const token: VerbRun = async ({ flags }) => {
  const home = locateHome(process.env);
  const given = flags["instance"];
  const instance = typeof given === "string" ? parseInstanceName(given) : findDefaultInstance(home);
  process.stdout.write(`${await withDatabase(home, instance, (db) => perform(db, flags))}\n`);
  return 0;
};

function perform(db: Database, flags: Flags): Promise<string> {
  if (flags["list"] !== undefined) return list(db);
  if (flags["create"] !== undefined) return create(db, flags);
  if (flags["revoke"] !== undefined) return revoke(db, flags);
  throw missingArgument({ command: "token", argument: "-list, -create:LOGIN or -revoke:ID" });
}

async function create(db: Database, flags: Flags): Promise<string> {
  const login = flags["create"];
  if (typeof login !== "string" || login === "")
    throw invalidArgument({ argument: "-create", form: "-create:LOGIN, the operator in whose name the token acts" });
  const expires = readExpiry(flags);
  const { text, tokenId } = await createApiToken(
    { db, log: silentLog },
    {
      operator: await requireOperator(db, login),
      label: typeof flags["label"] === "string" ? flags["label"] : "",
      scopes: readScopes(flags),
      by: internalOperator,
      ...(expires === undefined ? {} : { expires }),
    },
  );
  return `Token ${tokenId} of ${login}, shown only now: ${text}`;
}

async function revoke(db: Database, flags: Flags): Promise<string> {
  const id = flags["revoke"];
  if (typeof id !== "string" || !/^\d{1,15}$/.test(id))
    throw invalidArgument({ argument: "-revoke", form: "-revoke:ID, as postrider token -list shows it" });
  if (!(await revokeApiToken({ db, log: silentLog }, internalOperator, Number(id)))) throw unknownToken({ id });
  return `Token ${id} is revoked`;
}

async function list(db: Database): Promise<string> {
  const rows = (await listAllApiTokens({ db })).map((entry) => [
    String(entry.tokenId),
    entry.login,
    entry.label || "-",
    `${entry.hint}...`,
    entry.scopes.join(" ") || "-",
    entry.isRevoked ? "revoked" : entry.expires !== undefined && entry.expires <= new Date() ? "expired" : "good",
    formatTime(entry.expires),
    formatTime(entry.lastUsed),
    entry.lastAddress || "-",
  ]);
  const heading = ["id", "operator", "label", "begins", "scopes", "state", "expires (UTC)", "last used (UTC)", "from"];
  return table([heading, ...rows]);
}

function readScopes(flags: Flags): readonly string[] {
  const given = flags["scopes"];
  const scopes = (typeof given === "string" ? given : "*").split(",").map((scope) => scope.trim());
  if (!scopes.every((scope) => scopeForm.test(scope)))
    throw invalidArgument({ argument: "-scopes", form: "-scopes:recipients:read,deliveries or -scopes:* for all" });
  return scopes;
}

/** `90d`, or a date: the token is good until it begins. */
function readExpiry(flags: Flags): Date | undefined {
  const given = flags["expires"];
  if (given === undefined) return undefined;
  const text = typeof given === "string" ? given : "";
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  const moment = days === undefined ? new Date(`${text}T00:00:00Z`) : new Date(Date.now() + Number(days) * 86_400_000);
  if (Number.isNaN(moment.getTime()) || moment <= new Date())
    throw invalidArgument({ argument: "-expires", form: "-expires:90d or -expires:2027-06-30, in the future" });
  return moment;
}

function formatTime(time: Date | undefined): string {
  return time === undefined ? "-" : time.toISOString().slice(0, 16).replace("T", " ");
}
