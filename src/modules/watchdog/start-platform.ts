/** Takes the data folder, checks all settings, and starts the platform in the background, so that it can be stopped while it starts. */

import { parsePassword } from "#campaign/access/password.ts";
import { openControl } from "#channels/control/control.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import { listInstances } from "#foundation/home.ts";
import type { HostContext, Running } from "#foundation/module.ts";
import { readAllSettings } from "#foundation/settings.ts";
import { createHostSettings, createInstanceSettings } from "#foundation/settings-files.ts";
import { version } from "#foundation/version.ts";

import { allSections } from "../roster.ts";
import { announce, announceFirstPasswords } from "./announce.ts";
import { bootPlatform } from "./boot-platform.ts";
import { checkDatabases } from "./check-databases.ts";
import { controlCommands } from "./control-commands.ts";
import { type DataFolderLock, lockDataFolder } from "./data-folder-lock.ts";
import { makeLaunch } from "./launch-module.ts";
import { type Narration, narrate } from "./narrate.ts";
import { planProcesses } from "./plan-processes.ts";
import { addProcess, type Platform } from "./platform.ts";
import { endOrphans, type Memory, rememberChildren } from "./remember-children.ts";
import { stopPlatform } from "./stop-platform.ts";
import { watchOver } from "./watch-over.ts";

const firstInstance = "main";

/**
 * Starts the platform; resolves when the settings are found right and the folder is ours, before the modules are ready.
 * @throws platformAlreadyRunning, invalidSettings, invalidDatabaseUrl, sharedDatabase
 */
export async function startPlatform(context: HostContext): Promise<Running> {
  const startedMs = context.clock.elapsedMs();
  const lock = lockDataFolder(context.home);
  try {
    return await startLocked(context, lock, startedMs);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(context: HostContext, lock: DataFolderLock, startedMs: number): Promise<Running> {
  const { home, secrets } = context;
  const narration = narrate(context.log, context.flags["noconsole"] === undefined);
  if (createHostSettings(home)) narration.log.info("watchdog.settings_created", { folder: home.conf });
  if (listInstances(home).length === 0) {
    checkFirstPassword(process.env);
    createInstanceSettings(home, firstInstance, {});
  }
  const settings = readAllSettings({
    home,
    secrets,
    sections: allSections,
    environment: process.env,
    instances: listInstances(home),
  });
  checkDatabases(home, settings.instances);

  narration.info(`Application server for Postrider (${version}, pid=${process.pid})`, "watchdog.starting", {
    version,
    pid: process.pid,
  });
  for (const warning of settings.warnings) narration.warning(warning, "watchdog.settings_warning", { reason: warning });
  await waitForOrphans(context, narration);

  const children = rememberChildren(home);
  const platform = makePlatform(context, narration, children, startedMs);
  for (const plan of planProcesses(settings.host, settings.instances)) addProcess(platform, plan);
  const control = await openControl(home, controlCommands(platform));

  const booted = bootPlatform(platform, settings.instances).then(
    () => becomeReady(platform),
    (error: unknown) => giveUp(platform, error),
  );
  watchOver(platform);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await stopPlatform(platform);
    await booted;
    announceFirstPasswords(platform);
    children.forgetAll();
    lock.release();
    await control.close();
  };
  return { stop: () => (stopping ??= stop()) };
}

/** @throws passwordRefused before a database is made that nobody could log on to */
function checkFirstPassword(environment: NodeJS.ProcessEnv): void {
  const given = environment["POSTRIDER_ADMIN_PASSWORD"];
  if (given) parsePassword(given, "admin");
}

function makePlatform(context: HostContext, narration: Narration, children: Memory, startedMs: number): Platform {
  const launch = makeLaunch(passedOn(context.flags));
  return {
    context,
    narration,
    launch: (plan, args) => {
      const child = launch(plan, args);
      children.remember(child);
      return child;
    },
    startedAt: context.clock.now(),
    startedMs,
    processes: new Map(),
    databases: new Map(),
    preparations: new Map(),
    ending: new AbortController(),
    phase: "starting",
  };
}

function becomeReady(platform: Platform): void {
  if (platform.ending.signal.aborted) return;
  platform.phase = "ready";
  announce(platform);
}

/** What an operator must put right is told in one message, and everything that started already ends again. */
function giveUp({ context, narration, ending }: Platform, error: unknown): void {
  if (ending.signal.aborted) return;
  narration.log.error("watchdog.start_failed", { reason: describeError(error) });
  process.stderr.write(
    `postrider: ${isPostriderError(error) || !(error instanceof Error) ? describeError(error) : error.stack}\n`,
  );
  context.requestStop(2);
}

async function waitForOrphans({ home }: HostContext, narration: Narration): Promise<void> {
  const orphans = await endOrphans(home);
  if (orphans === 0) return;
  narration.warning(
    `The watchdog before was killed; ${orphans} of its processes have now ended`,
    "watchdog.orphans_ended",
    { orphans },
  );
}

/** Precision that the operator asks of the whole platform. */
function passedOn(flags: HostContext["flags"]): string[] {
  const filter = flags["tracefilter"];
  return [
    ...(flags["verbose"] === undefined ? [] : ["-verbose"]),
    ...(typeof filter === "string" ? [`-tracefilter:${filter}`] : []),
  ];
}
