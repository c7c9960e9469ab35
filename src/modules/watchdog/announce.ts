/** The text that says the platform is up: where to go, with which password, and what to do next. */

import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import type { FirstOperator } from "#campaign/access/ensure-first-operators.ts";
import { webAddress, webTlsSettings } from "#foundation/common-settings.ts";
import type { HostContext } from "#foundation/module.ts";
import { version } from "#foundation/version.ts";

import { findMissing, type Platform } from "./platform.ts";

/** Announces that the platform is ready, or what is missing. Shows first passwords, this once. */
export function announce(platform: Platform): void {
  const { narration, context } = platform;
  const durationMs = Math.round(context.clock.elapsedMs() - platform.startedMs);
  const missing = findMissing(platform);
  const ready = [...platform.processes.values()].filter((process) => process.entry().state === "ready").length;
  narration.log.info("watchdog.ready", { durationMs, ready, missing });
  narration.print(
    `\n${[
      missing.length === 0
        ? `Postrider ${version} is ready after ${(durationMs / 1_000).toFixed(1)} s: ${ready} modules, ${describeInstances(platform)}.`
        : `Postrider ${version} is up with ${ready} modules, ${describeInstances(platform)}, but without:`,
      ...missing.map(
        (name) => `  ${name}: ${platform.processes.get(name)?.entry().lastError ?? "it is still starting"}`,
      ),
      "",
      ...listLines(platform),
    ].join("\n")}\n\n`,
  );
  platform.preparations.clear();
}

/** Shows what a start that is cut short would otherwise have taken with it. */
export function announceFirstPasswords(platform: Platform): void {
  platform.narration.print(
    passwordLines(platform)
      .map(([name, value]) => `  ${name}  ${value}\n`)
      .join(""),
  );
  platform.preparations.clear();
}

function listLines(platform: Platform): string[] {
  const isTerminal = platform.context.flags["svc"] === undefined;
  const rows: (readonly [string, string])[] = [
    ...consoleLine(platform),
    ...passwordLines(platform),
    ["Data", platform.context.home.root],
    ["Processes", "postrider pdump, postrider status"],
    ["Stop", isTerminal ? "Ctrl-C, or postrider shutdown" : "postrider shutdown"],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function describeInstances({ databases }: Platform): string {
  const names = [...databases.keys()];
  return `${names.length === 1 ? "instance" : "instances"} ${names.join(", ")}`;
}

function consoleLine({ context }: Platform): (readonly [string, string])[] {
  const { address, port } = context.settings.of(webAddress);
  const scheme = context.settings.of(webTlsSettings).certificate === "" ? "http" : "https";
  const isEverywhere = address === "0.0.0.0" || address === "::";
  const host = isEverywhere ? hostname() : address.includes(":") ? `[${address}]` : address;
  // With port 0 the system chose one that only web knows.
  return port === 0 ? [] : [["Console", `${scheme}://${host}:${port}/`]];
}

function passwordLines(platform: Platform): (readonly [string, string])[] {
  return [...platform.preparations].flatMap(([instance, { firstOperator }]) => {
    if (firstOperator === undefined) return [];
    const label = platform.databases.size > 1 ? `Login (${instance})` : "Login";
    const row: readonly [string, string] = [label, describeFirstOperator(platform, instance, firstOperator)];
    return [row];
  });
}

function describeFirstOperator(
  { context }: Platform,
  instance: string,
  { login, generatedPassword }: FirstOperator,
): string {
  if (generatedPassword === undefined) return `${login}, with the password of POSTRIDER_ADMIN_PASSWORD`;
  const isWatched = context.flags["noconsole"] === undefined && context.flags["svc"] === undefined;
  if (isWatched) return `${login}, password ${generatedPassword} (shown this once)`;
  return `${login}, password in ${keepFirstPassword(context, instance, generatedPassword)} (read it, then remove the file)`;
}

/** Without a console, and in a journal that many may read, a password has no place: it goes where only the operator can read it. */
function keepFirstPassword({ home, log }: HostContext, instance: string, password: string): string {
  const file = join(home.conf, `first-password-${instance}`);
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  log.info("watchdog.first_password_kept", { file });
  return file;
}
