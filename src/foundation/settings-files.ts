/** The settings files of a data folder: made from the commented samples, and written so that a reader never sees half of one. */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { setInSettings } from "./edit-settings.ts";
import { type Home, instanceSettingsFile, programFolder } from "./home.ts";
import { homeNotWritable } from "./home-errors.ts";

/** The settings file of the host. */
export function hostSettingsFile(home: Home): string {
  return join(home.conf, "server.toml");
}

/** Makes `server.toml` from its sample unless there is one. @returns true when it was made */
export function createHostSettings(home: Home): boolean {
  const file = hostSettingsFile(home);
  if (existsSync(file)) return false;
  saveSettingsFile(file, readSample("server.toml.sample"));
  return true;
}

/**
 * Makes the settings file of a new instance from its sample.
 * @param values by dotted path, over the sample
 */
export function createInstanceSettings(
  home: Home,
  instance: string,
  values: Readonly<Record<string, unknown>>,
): string {
  const file = instanceSettingsFile(home, instance);
  let text = readSample("instance.toml.sample");
  for (const [path, value] of Object.entries(values)) text = setInSettings(text, path, value);
  saveSettingsFile(file, text);
  return file;
}

/**
 * Replaces a settings file in one step.
 * @throws homeNotWritable
 */
export function saveSettingsFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { mode: 0o640, flush: true });
    renameSync(draft, file);
  } catch (cause) {
    throw homeNotWritable({ folder: file }, { cause });
  } finally {
    rmSync(draft, { force: true });
  }
}

function readSample(name: string): string {
  return readFileSync(join(programFolder, "conf", name), "utf8");
}
