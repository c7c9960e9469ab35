/** `postrider dkim`: makes, checks and changes the keys that sign messages. */

import { Resolver } from "node:dns/promises";

import { createDkimKey, parseDomain } from "#campaign/content/dkim/create-key.ts";
import {
  deleteDkimKey,
  type KeyAlgorithm,
  listDkimKeys,
  retireDkimKey,
  type StoredKey,
} from "#campaign/content/dkim/dkim-key-store.ts";
import { recordLine } from "#campaign/content/dkim/dkim-record.ts";
import { type Checked, checkDkimKeys, type LookUpTexts, rotateDkimKeys } from "#campaign/content/dkim/rotate-keys.ts";
import { type Home, locateHome, parseInstanceName } from "#foundation/home.ts";
import type { Database } from "#foundation/database.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { table } from "#foundation/text-table.ts";

import { invalidArgument, missingArgument } from "./errors.ts";
import { findDefaultInstance, withDatabase } from "./open-instance-database.ts";
import type { Arguments } from "./parse-arguments.ts";
import type { VerbRun } from "./verb.ts";

type Flags = Arguments["flags"];
type Act = (db: Database, home: Home) => Promise<string>;

/** Does the one thing that the flags ask for. */
export const dkim: VerbRun = async ({ flags }) => {
  const home = locateHome(process.env);
  const given = flags["instance"];
  const instance = typeof given === "string" ? parseInstanceName(given) : findDefaultInstance(home);
  const act = chooseAct(flags);
  process.stdout.write(`${await withDatabase(home, instance, (db) => act(db, home))}\n`);
  return 0;
};

function chooseAct(flags: Flags): Act {
  if (flags["create"] !== undefined) return (db, home) => create(db, home, flags);
  if (flags["check"] !== undefined) return (db) => check(db, flags);
  if (flags["rotate"] !== undefined) return (db) => rotate(db, flags);
  if (flags["retire"] !== undefined) return (db) => end(db, flags, "retire");
  if (flags["delete"] !== undefined) return (db) => end(db, flags, "delete");
  if (flags["list"] !== undefined) return (db) => list(db);
  throw missingArgument({
    command: "dkim",
    argument: "-list, -create:DOMAIN, -check, -rotate:DOMAIN or another of its flags",
  });
}

async function list(db: Database): Promise<string> {
  const keys = await listDkimKeys(db);
  if (keys.length === 0) return "There is no key; make one with postrider dkim -create:DOMAIN";
  const rows = keys.map((key) => [key.domain, key.selector, key.algorithm, describeState(key)]);
  const records = keys.filter(({ state }) => state !== "retired").map(recordLine);
  return [
    table([["domain", "selector", "algorithm", "state"], ...rows]),
    ...(records.length === 0 ? [] : ["", "Publish in the DNS:", ...records]),
  ].join("\n");
}

function describeState({ state, validFrom }: StoredKey): string {
  if (state === "next" && validFrom !== undefined) return `signs from ${validFrom.toISOString().slice(0, 16)}Z`;
  return state === "active" ? "signs" : state;
}

async function create(db: Database, home: Home, flags: Flags): Promise<string> {
  const domain = readText(flags, "create", "-create:DOMAIN, the domain of the sender");
  const selector = flags["selector"];
  const keys: StoredKey[] = [];
  for (const algorithm of readAlgorithms(flags))
    keys.push(
      await createDkimKey(
        { db, secrets: loadSecrets(home), now: new Date() },
        { domain, algorithm, selector: typeof selector === "string" ? selector : undefined },
      ),
    );
  return [
    ...keys.map(
      ({ selector: name, algorithm }) => `The ${algorithm} key ${name} of ${domain} is made. It signs nothing yet.`,
    ),
    "Publish in the DNS:",
    ...keys.map(recordLine),
    `When that can be seen from outside: postrider dkim -rotate:${domain}`,
  ].join("\n");
}

function readAlgorithms(flags: Flags): readonly KeyAlgorithm[] {
  const given = flags["algorithm"] ?? "rsa";
  if (given === "both" && flags["selector"] === undefined) return ["rsa", "ed25519"];
  if (given === "rsa" || given === "ed25519") return [given];
  throw invalidArgument({ argument: "-algorithm", form: "-algorithm:rsa, ed25519 or, without -selector, both" });
}

async function check(db: Database, flags: Flags): Promise<string> {
  const given = flags["check"];
  const domain = typeof given === "string" ? parseDomain(given) : undefined;
  const checked = await checkDkimKeys(db, domain, lookUpBy(flags));
  if (checked.length === 0) return "There is no key to look for";
  const rows = checked.map(({ key, problem }: Checked) => [
    key.domain,
    key.selector,
    describeState(key),
    problem ?? "published",
  ]);
  return table([["domain", "selector", "state", "in the DNS"], ...rows]);
}

async function rotate(db: Database, flags: Flags): Promise<string> {
  const domain = parseDomain(readText(flags, "rotate", "-rotate:DOMAIN, the domain of the sender"));
  const from = readDate(flags);
  const keys = await rotateDkimKeys(
    { db, now: new Date(), lookUp: flags["force"] === undefined ? lookUpBy(flags) : undefined },
    { domain, from },
  );
  const names = keys.map(({ selector }) => selector).join(" and ");
  return [
    `${domain}: ${names} ${from === undefined ? "signs from now on" : `takes over at ${from.toISOString()}`}; running processes follow within mta.master.domainKeysReloadPeriodSec.`,
    "Leave the record of the key before in the DNS for a week: what it has signed is still under way.",
  ].join("\n");
}

async function end(db: Database, flags: Flags, act: "retire" | "delete"): Promise<string> {
  const form = `-${act}:DOMAIN/SELECTOR`;
  const [domain = "", selector = ""] = readText(flags, act, form).split("/");
  const touched = await (act === "retire" ? retireDkimKey : deleteDkimKey)(db, parseDomain(domain), selector);
  if (touched === 0)
    throw invalidArgument({
      argument: `-${act}`,
      form: `${form} of a key that is ${act === "retire" ? "not retired yet" : "retired"}`,
    });
  return `${domain}: ${selector} is ${act === "retire" ? "retired" : "deleted"}`;
}

function readText(flags: Flags, name: string, form: string): string {
  const value = flags[name];
  if (typeof value !== "string" || value === "") throw invalidArgument({ argument: `-${name}`, form });
  return value;
}

function readDate(flags: Flags): Date | undefined {
  const given = flags["from"];
  if (given === undefined) return undefined;
  const date = typeof given === "string" ? new Date(given) : new Date(Number.NaN);
  if (Number.isNaN(date.getTime())) throw invalidArgument({ argument: "-from", form: "-from:2027-01-31T04:00Z" });
  return date;
}

/** Names that are not there have no texts; a server that does not answer is an error. */
function lookUpBy(flags: Flags): LookUpTexts {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  const server = flags["nameserver"];
  if (typeof server === "string") resolver.setServers([server]);
  return async (name) => {
    try {
      return (await resolver.resolveTxt(name)).map((strings) => strings.join(""));
    } catch (error) {
      if (error instanceof Error && "code" in error && (error.code === "ENOTFOUND" || error.code === "ENODATA"))
        return [];
      throw error;
    }
  };
}
