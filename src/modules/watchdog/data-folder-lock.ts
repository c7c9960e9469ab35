/** One watchdog per data folder: a pid file that names the very process, not just a number that another may have by now. */

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { platformAlreadyRunning } from "#channels/control/errors.ts";
import type { Home } from "#foundation/home.ts";
import { homeNotWritable } from "#foundation/home-errors.ts";

import { identifyProcess, isAlive, parseIdentity, type ProcessIdentity } from "./process-identity.ts";

export type DataFolderLock = { release(): void };

const attempts = 5;

/** The pid file of a data folder. */
export function pidFile(home: Home): string {
  return join(home.var, "watchdog.pid");
}

/**
 * Takes the data folder for this process; a file left behind by a dead one is taken over.
 * @throws platformAlreadyRunning naming the process that holds it, homeNotWritable
 */
export function lockDataFolder(home: Home): DataFolderLock {
  const file = pidFile(home);
  const draft = `${file}.${process.pid}`;
  writePidFile(draft, home);
  try {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      if (isLinked(draft, file)) return { release: () => releaseIfOurs(file) };
      const text = readIfThere(file);
      const holder = readHolder(text);
      if (holder !== undefined && isAlive(holder)) throw platformAlreadyRunning({ pid: holder.pid, root: home.root });
      if (text !== undefined) removeStale(file, text);
    }
    throw platformAlreadyRunning({ pid: readHolder(readIfThere(file))?.pid, root: home.root });
  } finally {
    rmSync(draft, { force: true });
  }
}

function writePidFile(draft: string, home: Home): void {
  try {
    writeFileSync(draft, `${JSON.stringify(identifyProcess(process.pid))}\n`, { mode: 0o644 });
  } catch (cause) {
    throw homeNotWritable({ folder: home.var }, { cause });
  }
}

/** A link is made by one process only, whoever else tries at the same moment. */
function isLinked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Moves the file aside first: if another start has just replaced it, what was moved is that one's, and goes back. */
function removeStale(file: string, staleText: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readIfThere(aside) !== staleText) linkSync(aside, file);
  } catch {
    // Someone else was faster; the next attempt sees what is there now.
  } finally {
    rmSync(aside, { force: true });
  }
}

function releaseIfOurs(file: string): void {
  if (readHolder(readIfThere(file))?.pid === process.pid) rmSync(file, { force: true });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function readHolder(text: string | undefined): ProcessIdentity | undefined {
  if (text === undefined) return undefined;
  try {
    return parseIdentity(JSON.parse(text));
  } catch {
    return undefined;
  }
}
