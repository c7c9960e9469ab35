/** `postrider demo`: the main job on sample data, from a list to a tracked click, through every module. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import { isPlatformRunning } from "#channels/control/control.ts";
import { databaseAddress } from "#channels/platform/database-address.ts";
import { routeSettings, webAddress } from "#foundation/common-settings.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import { type Home, locateHome, prepareHome, programFolder } from "#foundation/home.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { environmentName, readSettings, type Settings } from "#foundation/settings.ts";
import { allSections } from "#modules/roster.ts";

import { chooseAdminPassword } from "./demo/choose-admin-password.ts";
import { collectFigures } from "./demo/collect-figures.ts";
import { instanceIsLive, listMissing, stepFailed } from "./demo/errors.ts";
import { exportList } from "./demo/export-list.ts";
import { type Figures, renderFigures } from "./demo/figures.ts";
import { replaceTakenPorts } from "./demo/free-ports.ts";
import { importList } from "./demo/import-list.ts";
import { openScreen, type Screen } from "./demo/screen.ts";
import { sendDelivery } from "./demo/send-delivery.ts";
import { readByRecipients } from "./demo/read-by-recipients.ts";
import { instance, type Stage } from "./demo/stage.ts";
import { type Platform, startPlatform } from "./demo/start-platform.ts";
import { missingArgument } from "./errors.ts";
import type { Arguments } from "./parse-arguments.ts";

const sampleList = join(programFolder, "database", "seed", "sample-recipients.csv");

/** Pauses that suit someone who watches; each is a setting that an operator may have set otherwise. */
const quickSettings: Readonly<Record<string, string>> = {
  "mta.retryPeriodSec": "2",
  "tracking.pollPeriodSec": "1",
  "wfserver.dataBasePoolPeriodSec": "2",
};

/**
 * Runs the demo; without `--exit` the platform stays up until Ctrl-C.
 * @returns 0 when all counts agree, 1 when they do not, 130 when it was interrupted
 */
export async function demo({ flags }: Arguments): Promise<number> {
  const isJson = flags["json"] !== undefined;
  const csv = flags["csv"];
  if (csv === true) throw missingArgument({ command: "demo", argument: "a file behind --csv" });
  const file = csv === undefined ? sampleList : resolve(csv);
  if (!existsSync(file)) throw listMissing({ file });
  const screen = openScreen({ isQuiet: isJson });
  const begunMs = performance.now();

  const home = locateHome(process.env);
  prepareHome(home);
  const settings = readOver(home, {});
  refuseLiveInstance(settings);
  const interrupted = onInterrupt();
  const { environment, password } = await prepareEnvironment(home, settings, screen);

  screen.step("The platform starts: eleven modules under the watchdog, and a PostgreSQL of its own.");
  const platform = await screen.during("modules ready", (report) => startPlatform(home, environment, report));
  const running = readOver(home, environment);
  const db = openInstance(home, running);
  try {
    const stage: Stage = {
      home,
      db,
      environment,
      screen,
      file,
      attemptsToAwait: platform.isOurs ? 2 : 1,
      runName: `demo_${new Date().toISOString().replace(/\D/g, "")}`,
    };
    const figures = await Promise.race([runSteps(stage, begunMs), interrupted, failWhenEnded(platform)]);
    if (figures === undefined) return 130;
    screen.print(`\n${renderFigures(figures)}\n`);
    if (isJson) process.stdout.write(`${JSON.stringify(figures)}\n`);
    if (flags["exit"] === undefined) {
      inviteToConsole(screen, running, platform, password);
      await Promise.race([interrupted, platform.ended]);
    }
    return figures.checks.every(({ isEqual }) => isEqual) ? 0 : 1;
  } finally {
    await db.close();
    if (platform.isOurs) screen.print("Stopping the platform ...");
    await platform.stop();
  }
}

async function runSteps(stage: Stage, begunMs: number): Promise<Figures> {
  const imported = await importList(stage);
  const sent = await sendDelivery(stage);
  const played = await readByRecipients(stage, sent);
  const exported = await exportList(stage);
  const seconds = Math.round((performance.now() - begunMs) / 100) / 10;
  return collectFigures(stage, { imported, sent, played, exported, seconds });
}

async function failWhenEnded(platform: Platform): Promise<never> {
  await platform.ended;
  throw stepFailed({ step: "using the platform", reason: "it ended; see the logs in var/" });
}

function readOver(home: Home, environment: NodeJS.ProcessEnv): Settings {
  return readSettings({
    home,
    sections: allSections,
    environment: { ...process.env, ...environment },
    secrets: loadSecrets(home),
    instance,
  }).settings;
}

/** Sample mails must never reach a stranger. */
function refuseLiveInstance(settings: Settings): void {
  const { route } = settings.of(routeSettings);
  if (route !== "inbox") throw instanceIsLive({ instance, route });
}

async function prepareEnvironment(
  home: Home,
  settings: Settings,
  screen: Screen,
): Promise<{ environment: Record<string, string>; password: string | undefined }> {
  const password = chooseAdminPassword(home, process.env);
  const isRunning = await isPlatformRunning(home);
  const { environment, replaced } = isRunning ? { environment: {}, replaced: [] } : await replaceTakenPorts(settings);
  for (const { path, taken, chosen } of replaced)
    screen.print(`Port ${taken} is taken by another program: ${path} is ${chosen} for this run.`);
  for (const [path, value] of Object.entries(quickSettings)) {
    if (settings.origin(path) === "default") environment[environmentName(path)] = value;
  }
  if (password !== undefined) environment["POSTRIDER_ADMIN_PASSWORD"] = password;
  return { environment, password };
}

function openInstance(home: Home, settings: Settings): Database {
  const address = databaseAddress(home, instance, settings);
  return openDatabase({ address, applicationName: "postrider-demo", maxConnections: 3 });
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends at once, and the platform with us. */
function onInterrupt(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve(undefined);
      });
    }
  });
}

function inviteToConsole(screen: Screen, settings: Settings, platform: Platform, password: string | undefined): void {
  const { address, port } = settings.of(webAddress);
  screen.print(
    `The console:  http://${address}:${port}/   login: admin   password: ${password ?? "as set at the first start"}`,
  );
  if (password === undefined) screen.print("Forgotten?    bin/postrider config -operatorpassword:admin");
  screen.print("What runs:    bin/postrider pdump");
  screen.print(
    platform.isOurs
      ? "Ctrl-C stops everything."
      : "The platform ran before the demo, and goes on after it. Ctrl-C ends the demo.",
  );
}
