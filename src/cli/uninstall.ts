/** `postrider uninstall -instance:NAME`: removes an instance and all its data; with the last one everything of this data folder. */

import { existsSync, lstatSync, readdirSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { command, isPlatformRunning, shutdownPlatform } from "#channels/control/control.ts";
import { socketFolder } from "#channels/platform/embedded-database.ts";
import { describeAddress } from "#foundation/database.ts";
import { sharedStateFolder } from "#foundation/embedded-postgres.ts";
import { type Home, instanceSettingsFile, listInstances, locateHome, parseInstanceName } from "#foundation/home.ts";
import { unknownInstance } from "#foundation/home-errors.ts";

import { ask } from "./ask.ts";
import { missingArgument, notConfirmed } from "./errors.ts";
import { findDatabase } from "./open-instance-database.ts";
import type { VerbRun } from "./verb.ts";

/**
 * Stops the instance's modules and removes its settings, logs, spools and embedded database, once confirmed.
 * @throws unknownInstance, notConfirmed
 */
export const uninstall: VerbRun = async ({ flags }) => {
  const flag = flags["instance"];
  if (typeof flag !== "string") throw missingArgument({ command: "uninstall", argument: "-instance:NAME" });
  const home = locateHome(process.env);
  const instance = parseInstanceName(flag);
  const instances = listInstances(home);
  if (!instances.includes(instance)) throw unknownInstance({ name: instance, known: instances });
  const isLast = instances.length === 1;

  const external = describeExternal(home, instance);
  if (flags["force"] === undefined) await confirm(instance, isLast, external);
  await stopInstance(home, instance, isLast);
  removeInstance(home, instance);
  if (isLast) removeHost(home);
  process.stdout.write(
    `The instance ${instance} is removed${isLast ? ", and with it all that Postrider made in this data folder" : ""}.\n`,
  );
  if (external !== undefined)
    process.stdout.write(`Its database ${external} is not Postrider's to drop: drop it there if nobody needs it.\n`);
  return 0;
};

/** Where an external database is; settings that cannot be read keep nobody from removing them. */
function describeExternal(home: Home, instance: string): string | undefined {
  try {
    const address = findDatabase(home, instance);
    return address.isEmbedded ? undefined : describeAddress(address);
  } catch {
    return undefined;
  }
}

async function confirm(instance: string, isLast: boolean, external: string | undefined): Promise<void> {
  const what = external === undefined ? "its database, settings, logs and files" : "its settings, logs and files";
  const also = isLast
    ? " It is the last one: the platform is stopped and the host's settings and key file are removed, too."
    : "";
  const answer = await ask(
    `This removes the instance ${instance} for ever: ${what}.${also}\nWrite ${instance} to confirm: `,
  );
  if (answer.trim() !== instance) throw notConfirmed({ name: instance });
}

async function stopInstance(home: Home, instance: string, isLast: boolean): Promise<void> {
  if (!(await isPlatformRunning(home))) return;
  if (isLast) await shutdownPlatform(home);
  else await command(home, { kind: "forgetInstance", instance });
}

function removeInstance(home: Home, instance: string): void {
  const folder = join(home.var, instance);
  const database = join(folder, "database");
  // The data may lie elsewhere, where the user of the database could reach it; then this is a link.
  if (lstatSync(database, { throwIfNoEntry: false })?.isSymbolicLink()) remove(readlinkSync(database));
  remove(socketFolder(home, instance));
  remove(folder);
  remove(instanceSettingsFile(home, instance));
  remove(join(home.conf, `first-password-${instance}`));
}

function removeHost(home: Home): void {
  for (const name of ["server.toml", "secret.key"]) remove(join(home.conf, name));
  remove(home.runtime);
  remove(home.var);
  for (const folder of [home.conf, home.root]) removeIfEmpty(folder);
  removeSharedBinaries();
}

/** The copy of the PostgreSQL binaries serves every data folder of this machine; it goes when none has data beside it or runs from it. */
function removeSharedBinaries(): void {
  if (!existsSync(sharedStateFolder)) return;
  const isOnlyBinaries = readdirSync(sharedStateFolder).every((name) => name.startsWith("postgresql-"));
  if (isOnlyBinaries && !listExecutables().some((file) => file.startsWith(`${sharedStateFolder}/`)))
    remove(sharedStateFolder);
}

function listExecutables(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`);
      } catch {
        return "";
      }
    });
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
