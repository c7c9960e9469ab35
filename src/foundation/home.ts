/** Where an installation keeps its settings and its data: the folder `POSTRIDER_HOME`, or the checkout itself. */

import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { homeNotWritable, invalidInstanceName } from "./home-errors.ts";

export type Home = {
  readonly root: string;
  /** Settings: `server.toml`, `instance-<name>.toml`, `secret.key`. */
  readonly conf: string;
  /** Data, one folder per instance, and `default` for modules that serve all instances. */
  readonly var: string;
  /** Control socket and pid file; a short path, since socket paths end at 107 bytes. */
  readonly runtime: string;
};

/** The folder of the program itself, where `bin/`, `src/` and `database/` lie. */
export const programFolder = resolve(import.meta.dirname, "../..");

const longestRuntimePath = 70;

/** Says where the home is; creates nothing. */
export function locateHome(environment: NodeJS.ProcessEnv): Home {
  const root = resolve(environment["POSTRIDER_HOME"] || programFolder);
  const folder = join(root, "var");
  const runtime = join(folder, "run");
  return {
    root,
    conf: join(root, "conf"),
    var: folder,
    runtime:
      Buffer.byteLength(runtime) <= longestRuntimePath
        ? runtime
        : join(
            tmpdir(),
            `postrider-${process.getuid?.() ?? 0}-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`,
          ),
  };
}

/**
 * Creates the folders of the home where they are missing.
 * @throws homeNotWritable naming the folder that cannot be made
 */
export function prepareHome(home: Home): void {
  for (const [folder, mode] of [
    [home.root, 0o755],
    [home.conf, 0o750],
    [home.var, 0o755],
    [home.runtime, 0o700],
  ] as const) {
    makeFolder(folder, mode);
  }
}

/**
 * The folder of an instance, below `var/`, created when missing.
 * @param path further folders below it, from constants only
 */
export function instanceFolder(home: Home, instance: string, ...path: string[]): string {
  const own = join(home.var, parseInstanceName(instance));
  // Others may pass through, not look: an embedded PostgreSQL runs as another user when we are root.
  makeFolder(own, 0o751);
  const folder = join(own, ...path);
  if (path.length > 0) makeFolder(folder, 0o750);
  return folder;
}

/** Names of the instances that have a settings file, sorted. `default` is never one. */
export function listInstances(home: Home): string[] {
  if (!existsSync(home.conf)) return [];
  return readdirSync(home.conf)
    .map((file) => /^instance-([a-z][a-z0-9_]{0,39})\.toml$/.exec(file)?.[1])
    .filter((name): name is string => name !== undefined && name !== "default")
    .sort();
}

/** The settings file of an instance. */
export function instanceSettingsFile(home: Home, instance: string): string {
  return join(home.conf, `instance-${parseInstanceName(instance)}.toml`);
}

/**
 * Accepts a name that is safe in file names, database names and Message-IDs.
 * @throws invalidInstanceName
 */
export function parseInstanceName(text: string): string {
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(text)) throw invalidInstanceName({ name: text });
  return text;
}

function makeFolder(folder: string, mode: number): void {
  try {
    makeMissing(folder, mode);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw homeNotWritable({ folder }, { cause });
  }
}

/** Step by step: the recursive call of Node never returns where a parent exists but takes no folders, as in /proc. */
function makeMissing(folder: string, mode: number): void {
  if (existsSync(folder)) return;
  makeMissing(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
}
