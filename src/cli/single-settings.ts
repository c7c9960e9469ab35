/** Reads and writes single settings by their dotted names. */

import { existsSync, readFileSync } from "node:fs";

import { setInSettings } from "#foundation/edit-settings.ts";
import { type Home, instanceSettingsFile } from "#foundation/home.ts";
import { isEncrypted, loadSecrets, type Secrets } from "#foundation/secrets.ts";
import { indexSettings, readSettings, type Setting, type Settings, suggestSetting } from "#foundation/settings.ts";
import { createHostSettings, hostSettingsFile, saveSettingsFile } from "#foundation/settings-files.ts";
import { allSections } from "#modules/roster.ts";

import { invalidArgument, invalidSettingValue, unknownSetting } from "./errors.ts";

const known = indexSettings(allSections);

/**
 * Writes `path=value` to the file of the host or of an instance; secrets are stored encrypted.
 * @returns a sentence that says what was written where
 * @throws invalidArgument, unknownSetting, invalidSettingValue, settingNotEditable
 */
export function writeSetting(home: Home, instance: string | undefined, assignment: string): string {
  const end = assignment.indexOf("=");
  if (end <= 0) throw invalidArgument({ argument: "-set", form: "-set:name=value" });
  const path = assignment.slice(0, end).trim();
  const setting = findSetting(path);
  const value = setting.parse(assignment.slice(end + 1).trim());
  if (value === undefined) throw invalidSettingValue({ path, accepts: setting.accepts });
  const file = writeSettings(home, instance, { [path]: protect(setting, value, loadSecrets(home)) });
  return `${path} is set in ${file}; postrider config -reload brings it to the running modules`;
}

/**
 * Writes values that have been checked already.
 * @returns the file
 */
export function writeSettings(
  home: Home,
  instance: string | undefined,
  values: Readonly<Record<string, unknown>>,
): string {
  if (instance === undefined) createHostSettings(home);
  const file = instance === undefined ? hostSettingsFile(home) : instanceSettingsFile(home, instance);
  let text = existsSync(file) ? readFileSync(file, "utf8") : "";
  for (const [path, value] of Object.entries(values)) text = setInSettings(text, path, value);
  saveSettingsFile(file, text);
  return file;
}

/** One setting with its value, where that comes from, and what it means. */
export function showSetting(home: Home, instance: string | undefined, path: string): string {
  const setting = findSetting(path);
  return `${showValue(read(home, instance), path)}\n# ${setting.description} Takes ${setting.accepts}.`;
}

/** Every setting that a file or the environment sets. */
export function listChangedSettings(home: Home, instance: string | undefined): string {
  const settings = read(home, instance);
  const lines = [...known.keys()]
    .filter((path) => settings.origin(path) !== "default")
    .map((path) => showValue(settings, path));
  return lines.length === 0 ? "All settings have their defaults" : lines.join("\n");
}

function read(home: Home, instance: string | undefined): Settings {
  const options = { home, sections: allSections, environment: process.env, secrets: loadSecrets(home) };
  return readSettings(instance === undefined ? options : { ...options, instance }).settings;
}

function showValue(settings: Settings, path: string): string {
  const dot = path.lastIndexOf(".");
  const section = allSections.find(
    ({ path: table, settings: own }) => table === path.slice(0, dot) && path.slice(dot + 1) in own,
  );
  const value =
    section === undefined ? undefined : (settings.of(section) as Record<string, unknown>)[path.slice(dot + 1)];
  const isHidden = known.get(path)?.isSecret === true && value !== "";
  return `${path} = ${isHidden ? "(secret)" : JSON.stringify(value)}  (${settings.origin(path)})`;
}

function findSetting(path: string): Setting<unknown> {
  const setting = known.get(path);
  if (setting === undefined) throw unknownSetting({ path, near: suggestSetting(path, known) });
  return setting;
}

/** A secret that may be stored encrypted is; a password hash, which may not, is none to hide. */
function protect(setting: Setting<unknown>, value: unknown, secrets: Secrets): unknown {
  if (setting.isSecret !== true || typeof value !== "string" || value === "" || isEncrypted(value)) return value;
  const encrypted = secrets.encrypt(value);
  return setting.parse(encrypted) === undefined ? value : encrypted;
}
