/**
 * Settings: declared once with unit, default and bounds; read from `conf/server.toml`, then `conf/instance-<name>.toml`,
 * then the environment (`POSTRIDER_WEB_PORT`). All faults are found together.
 */

import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";

import { parse as parseToml, TomlError } from "smol-toml";

import type { Home } from "./home.ts";
import { instanceSettingsFile } from "./home.ts";
import { isEncrypted, type Secrets } from "./secrets.ts";
import { invalidSettings } from "./settings-errors.ts";

export type Setting<T> = {
  readonly default: T;
  /** One sentence, with the unit. */
  readonly description: string;
  /** What is accepted, in words, for messages and for the reference page. */
  readonly accepts: string;
  /** Turns what the file or the environment holds into a value, or undefined when it is not acceptable. */
  readonly parse: (raw: unknown) => T | undefined;
  /** What is wrong with a value that is not acceptable, where `accepts` does not show it. */
  readonly explain?: (raw: unknown) => string | undefined;
  readonly isSecret?: boolean;
};

export type Section<T extends Record<string, Setting<unknown>> = Record<string, Setting<unknown>>> = {
  readonly path: string;
  readonly settings: T;
};

export type ValuesOf<S> =
  S extends Section<infer T> ? { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never } : never;

export type Settings = {
  /** The values of one section, typed as it was declared. */
  of<S extends Section>(section: S): ValuesOf<S>;
  /** Where a value came from: a file, the environment, or `default`. */
  origin(path: string): string;
};

export type SettingsFault = { readonly where: string; readonly name: string; readonly problem: string };

/**
 * Declares a section of the settings.
 * @param path dotted, such as `mta.child`; two files may declare different settings of one section
 */
export function declareSettings<T extends Record<string, Setting<unknown>>>(path: string, settings: T): Section<T> {
  return { path, settings };
}

type Options<T> = { readonly default: T; readonly description: string };

/** A whole number within bounds. */
export function integer(options: Options<number> & { min: number; max: number }): Setting<number> {
  return {
    ...options,
    accepts: `a whole number from ${options.min} to ${options.max}`,
    parse: (raw) => {
      const value = typeof raw === "string" && /^-?\d{1,15}$/.test(raw.trim()) ? Number(raw) : raw;
      return typeof value === "number" && Number.isInteger(value) && value >= options.min && value <= options.max
        ? value
        : undefined;
    },
  };
}

/** A TCP or UDP port; 0 lets the system choose. */
export function port(options: Options<number>): Setting<number> {
  return { ...integer({ ...options, min: 0, max: 65_535 }), accepts: "a port from 0 to 65535 (0 = any free one)" };
}

/** Yes or no. */
export function flag(options: Options<boolean>): Setting<boolean> {
  return {
    ...options,
    accepts: "true or false",
    parse: (raw) => {
      if (typeof raw === "boolean") return raw;
      if (raw === "true" || raw === "1") return true;
      return raw === "false" || raw === "0" ? false : undefined;
    },
  };
}

/** Text, checked by a pattern when one is given. */
export function text(
  options: Options<string> & { pattern?: RegExp; accepts?: string; isSecret?: boolean },
): Setting<string> {
  const { pattern } = options;
  return {
    ...options,
    accepts: options.accepts ?? "text",
    parse: (raw) =>
      typeof raw === "string" && raw.length <= 4096 && (pattern === undefined || pattern.test(raw)) ? raw : undefined,
  };
}

/** A password or key: may be stored encrypted (`@aes1:...`), is decrypted when read, never printed. */
export function secret(options: Options<string>): Setting<string> {
  return text({ ...options, accepts: "text, or a text encrypted by postrider config", isSecret: true });
}

/** One of a closed list of words. */
export function choice<const W extends string>(options: Options<W> & { words: readonly W[] }): Setting<W> {
  return {
    ...options,
    accepts: `one of ${options.words.join(", ")}`,
    parse: (raw) => options.words.find((word) => word === raw),
  };
}

/** An IP address to listen on or to connect to, or `localhost`. */
export function address(options: Options<string>): Setting<string> {
  return {
    ...options,
    accepts: "an IP address or a host name",
    parse: (raw) =>
      typeof raw === "string" && (isIP(raw) !== 0 || /^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,252})$/.test(raw)) ? raw : undefined,
  };
}

/** A list of texts, each checked by a pattern when one is given; in the environment separated by commas. */
export function list(
  options: Options<readonly string[]> & { pattern?: RegExp; accepts?: string },
): Setting<readonly string[]> {
  const { pattern } = options;
  const isGood = (item: unknown): boolean => typeof item === "string" && (pattern === undefined || pattern.test(item));
  return {
    ...options,
    accepts: options.accepts ?? "a list of texts",
    parse: (raw) => {
      const items: unknown =
        typeof raw === "string"
          ? raw
              .split(",")
              .map((item) => item.trim())
              .filter(Boolean)
          : raw;
      return Array.isArray(items) && items.every(isGood) ? items : undefined;
    },
  };
}

/** A time of day, `HH:MM:SS`. */
export function timeOfDay(options: Options<string>): Setting<string> {
  return text({ ...options, pattern: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, accepts: "a time of day, HH:MM:SS" });
}

export type Source = { readonly name: string; readonly text: string };

export type SettingsReading = { readonly settings: Settings; readonly warnings: readonly string[] };

/**
 * Reads the settings of the host, or of an instance over them.
 * @param sections every section of the product: what is in none of them is a fault
 * @throws invalidSettings listing every fault with file, line, name and allowed range
 */
export function readSettings(options: {
  home: Home;
  sections: readonly Section[];
  environment: NodeJS.ProcessEnv;
  secrets: Secrets;
  instance?: string;
}): SettingsReading {
  const files = [join(options.home.conf, "server.toml")];
  if (options.instance !== undefined) files.push(instanceSettingsFile(options.home, options.instance));
  const sources = files.filter((file) => existsSync(file)).map((file) => readSource(file));
  return resolveSettings({ ...options, sources });
}

/**
 * Reads the settings of the host and of every instance, so that a start meets the faults of all files at once.
 * @throws invalidSettings listing every fault of every file
 */
export function readAllSettings(options: {
  home: Home;
  sections: readonly Section[];
  environment: NodeJS.ProcessEnv;
  secrets: Secrets;
  instances: readonly string[];
}): { host: Settings; instances: ReadonlyMap<string, Settings>; warnings: readonly string[] } {
  const server = readIfThere(join(options.home.conf, "server.toml"));
  const host = examineSettings({ ...options, sources: server });
  const instances = options.instances.map((name) => {
    const own = readIfThere(instanceSettingsFile(options.home, name));
    return { name, ...examineSettings({ ...options, sources: [...server, ...own] }) };
  });
  const faults = new Map(
    [host, ...instances].flatMap((read) => read.faults).map((fault) => [JSON.stringify(fault), fault]),
  );
  if (faults.size > 0) throw invalidSettings({ faults: [...faults.values()] });
  return {
    host: host.settings,
    instances: new Map(instances.map(({ name, settings }) => [name, settings])),
    warnings: host.warnings,
  };
}

function readIfThere(file: string): Source[] {
  return existsSync(file) ? [readSource(file)] : [];
}

/** The same from texts in memory. */
export function resolveSettings(options: {
  sources: readonly Source[];
  sections: readonly Section[];
  environment: NodeJS.ProcessEnv;
  secrets: Secrets;
}): SettingsReading {
  const { faults, ...reading } = examineSettings(options);
  if (faults.length > 0) throw invalidSettings({ faults });
  return reading;
}

/** The same, answering the faults instead of throwing them; with faults the settings must not be used. */
export function examineSettings(options: {
  sources: readonly Source[];
  sections: readonly Section[];
  environment: NodeJS.ProcessEnv;
  secrets: Secrets;
}): SettingsReading & { readonly faults: readonly SettingsFault[] } {
  const known = indexSettings(options.sections);
  const values = new Map<string, unknown>();
  const origins = new Map<string, string>();
  const faults: SettingsFault[] = [];

  const take = (path: string, setting: Setting<unknown>, raw: unknown, where: string): void => {
    const value = setting.parse(raw);
    if (value === undefined) {
      faults.push({
        where,
        name: path,
        problem: setting.explain?.(raw) ?? `${shown(setting, raw)} is not accepted; it takes ${setting.accepts}`,
      });
      return;
    }
    try {
      values.set(
        path,
        setting.isSecret && typeof value === "string" && isEncrypted(value) ? options.secrets.decrypt(value) : value,
      );
      origins.set(path, where);
    } catch (error) {
      faults.push({ where, name: path, problem: error instanceof Error ? error.message : String(error) });
    }
  };

  for (const source of options.sources) {
    for (const found of readLeaves(source, faults, known)) {
      const setting = known.get(found.path);
      const where = `${source.name}:${found.line}`;
      if (setting === undefined)
        faults.push({ where, name: found.path, problem: `there is no such setting${suggestion(found.path, known)}` });
      else take(found.path, setting, found.raw, where);
    }
  }

  const { assigned, warnings } = readEnvironment(options.environment, known);
  for (const { path, variable, raw } of assigned) {
    const setting = known.get(path);
    if (setting !== undefined) take(path, setting, raw, `environment ${variable}`);
  }

  const settings: Settings = {
    of: (section) => {
      const entries = Object.entries(section.settings).map(([name, setting]) => {
        const path = `${section.path}.${name}`;
        return [name, values.has(path) ? values.get(path) : setting.default];
      });
      // The values were parsed by the very settings that give the section its type.
      return Object.freeze(Object.fromEntries(entries)) as ValuesOf<typeof section>;
    },
    origin: (path) => origins.get(path) ?? "default",
  };
  return { settings, warnings, faults };
}

/** Every setting by its dotted path. */
export function indexSettings(sections: readonly Section[]): Map<string, Setting<unknown>> {
  const known = new Map<string, Setting<unknown>>();
  for (const section of sections) {
    for (const [name, setting] of Object.entries(section.settings)) known.set(`${section.path}.${name}`, setting);
  }
  return known;
}

/** The environment variable of a setting: `mta.relay.address` is `POSTRIDER_MTA_RELAY_ADDRESS`. */
export function environmentName(path: string): string {
  return `POSTRIDER_${path
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(".", "_")
    .toUpperCase()}`;
}

/** Variables that are no settings. */
const otherVariables = /^POSTRIDER_(HOME|ADMIN_PASSWORD|INTERNAL_PASSWORD|TEST_[A-Z_]+)$/;

function readEnvironment(
  environment: NodeJS.ProcessEnv,
  known: ReadonlyMap<string, Setting<unknown>>,
): { assigned: { path: string; variable: string; raw: string }[]; warnings: string[] } {
  // POSTRIDER_MTA_CHILD_MAXSESSIONSPERCHILD and ..._MAX_SESSIONS_PER_CHILD both name mta.child.maxSessionsPerChild.
  const flat = (name: string): string => name.replaceAll("_", "");
  const paths = new Map([...known.keys()].map((path) => [flat(environmentName(path)), path]));
  const assigned: { path: string; variable: string; raw: string }[] = [];
  const warnings: string[] = [];
  for (const [variable, raw] of Object.entries(environment)) {
    if (!variable.startsWith("POSTRIDER_") || otherVariables.test(variable) || raw === undefined || raw === "")
      continue;
    const path = paths.get(flat(variable));
    if (path === undefined) warnings.push(`The environment variable ${variable} names no setting; it is ignored.`);
    else assigned.push({ path, variable, raw });
  }
  return { assigned, warnings };
}

function readSource(file: string): Source {
  try {
    return { name: file, text: readFileSync(file, "utf8") };
  } catch (cause) {
    throw invalidSettings(
      { faults: [{ where: file, name: "", problem: "the file cannot be read; give this user the right to read it" }] },
      { cause },
    );
  }
}

type Leaf = { path: string; raw: unknown; line: number };

function readLeaves(source: Source, faults: SettingsFault[], known: ReadonlyMap<string, Setting<unknown>>): Leaf[] {
  let tree: Record<string, unknown>;
  try {
    tree = parseToml(source.text);
  } catch (error) {
    const line = error instanceof TomlError ? error.line : 0;
    const problem = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    faults.push({
      where: `${source.name}:${line}`,
      name: "",
      problem: problem.replace(/^Invalid TOML document: /, "cannot be read as TOML: "),
    });
    return [];
  }
  const leaves: Leaf[] = [];
  const visit = (node: Record<string, unknown>, prefix: string): void => {
    for (const [name, raw] of Object.entries(node)) {
      const path = prefix === "" ? name : `${prefix}.${name}`;
      if (isTable(raw) && !known.has(path)) visit(raw, path);
      else leaves.push({ path, raw, line: findLine(source.text, path) });
    }
  };
  visit(tree, "");
  return leaves;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The line where a path is set: under its table's heading, or written with dots. */
export function findLine(text: string, path: string): number {
  let table = "";
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const heading = /^\s*\[\[?([^[\]]+)\]/.exec(line)?.[1];
    if (heading !== undefined) table = heading.replace(/[\s"']/g, "");
    if (heading !== undefined && table === path) return index + 1;
    const key = /^\s*([\w.\-"' ]+?)\s*=/.exec(line)?.[1]?.replace(/[\s"']/g, "");
    if (key !== undefined && (table === "" ? key : `${table}.${key}`) === path) return index + 1;
  }
  return 0;
}

function shown(setting: Setting<unknown>, raw: unknown): string {
  return setting.isSecret ? "the value" : (JSON.stringify(raw) ?? "nothing").slice(0, 80);
}

function suggestion(path: string, known: ReadonlyMap<string, Setting<unknown>>): string {
  const near = suggestSetting(path, known);
  return near === "" ? "" : `; did you mean ${near}?`;
}

/** The nearest known name, when one is near; else nothing. */
export function suggestSetting(path: string, known: ReadonlyMap<string, Setting<unknown>>): string {
  const near = [...known.keys()]
    .map((name) => ({ name, distance: editDistance(path.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near !== undefined && near.distance <= Math.max(2, path.length / 4) ? near.name : "";
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
