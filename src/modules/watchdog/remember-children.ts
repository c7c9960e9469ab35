/** Remembers on disk which processes were started, so that the next watchdog can end what a killed one left behind. */

import type { ChildProcess } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pause } from "#foundation/clock.ts";
import type { Home } from "#foundation/home.ts";

import { identifyProcess, isAlive, parseIdentity, type ProcessIdentity } from "./process-identity.ts";

/** Modules end by themselves within 5 s of their watchdog's death. */
const graceMs = 5_500;

export type Memory = {
  /** Keeps a process in mind until it ends. */
  remember(child: ChildProcess): void;
  forgetAll(): void;
};

/** Opens the list of a data folder, empty. */
export function rememberChildren(home: Home): Memory {
  const file = listFile(home);
  const known = new Map<number, ProcessIdentity>();
  const write = (): void => {
    try {
      writeFileSync(`${file}.new`, `${JSON.stringify([...known.values()])}\n`);
      renameSync(`${file}.new`, file);
    } catch {
      // A full disk must not keep a module from starting; the list is a second net.
    }
  };
  return {
    remember: (child) => {
      const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
      if (identity === undefined) return;
      known.set(identity.pid, identity);
      write();
      child.once("exit", () => {
        known.delete(identity.pid);
        write();
      });
    },
    forgetAll: () => rmSync(file, { force: true }),
  };
}

/**
 * Waits for the processes of a watchdog that was killed to end, and kills those that do not: they hold the ports that
 * ours need.
 * @returns how many were still there
 */
export async function endOrphans(home: Home): Promise<number> {
  const orphans = readList(listFile(home)).filter(isAlive);
  const end = performance.now() + graceMs;
  while (orphans.some(isAlive) && performance.now() < end) await pause(50);
  for (const { pid } of orphans.filter(isAlive)) process.kill(pid, "SIGKILL");
  return orphans.length;
}

function listFile(home: Home): string {
  return join(home.var, "watchdog.children");
}

function readList(file: string): ProcessIdentity[] {
  try {
    const raw: unknown = JSON.parse(readFileSync(file, "utf8"));
    return (Array.isArray(raw) ? raw : []).map(parseIdentity).filter((identity) => identity !== undefined);
  } catch {
    return [];
  }
}
