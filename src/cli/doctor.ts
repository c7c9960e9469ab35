/** `postrider doctor`: what is wrong with the platform and with mail that should leave, why, and what to do about it. */

import { hostname } from "node:os";

import { systemClock } from "#foundation/clock.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import { wordsOf } from "#foundation/doctor/words.ts";
import { locateHome } from "#foundation/home.ts";
import { roster } from "#modules/roster.ts";

import { platformChecks } from "./doctor/checks/index.ts";
import { openInstances } from "./doctor/open-instances.ts";
import { answerLanguage, readRequest, withoutSkipped } from "./doctor/read-request.ts";
import { exitCodeOf, renderJson, renderReport } from "./doctor/render-report.ts";
import { runChecks } from "./doctor/run-checks.ts";
import type { VerbRun } from "./verb.ts";

const lateMs = 300;

/** Prints the report. Exit code 0: nothing is wrong, 1: warnings, 2: errors. */
export const doctor: VerbRun = async (call) => {
  const request = readRequest(call);
  const home = locateHome(process.env);
  const { instances, close } = openInstances(home, process.env, request.instance);
  const settings = instances.flatMap(({ open }) => (open === undefined ? [] : [open.settings]));
  const ofModules = await Promise.all(roster.map(async ({ loadChecks }) => (await loadChecks?.()) ?? []));
  const checks = withoutSkipped([...platformChecks, ...ofModules.flat()], request);
  const host = {
    home,
    environment: process.env,
    host: hostname(),
    instances: instances.map(({ name }) => name),
    now: () => systemClock.now(),
  };
  const reports = await runChecks(checks, host, instances);
  const words = wordsOf(
    answerLanguage(request, process.env, settings),
    settings[0]?.of(instanceSettings).timezone ?? "",
  );
  const text = request.isJson ? `${renderJson(reports, words, host.now())}\n` : renderReport(reports, words);
  if (call.flags["noconsole"] === undefined)
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  void close();
  // What a check that came too late has left open must not keep the command.
  setTimeout(() => process.exit(), lateMs).unref();
  return exitCodeOf(reports);
};
