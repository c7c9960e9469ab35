/** `postrider monitor`: the state of the platform as XML, or with `-missing` the modules that should run and do not. */

import { readStatus } from "#channels/control/control.ts";
import type { PlatformStatus } from "#channels/control/control-messages.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { type Home, listInstances, locateHome } from "#foundation/home.ts";
import { roster } from "#modules/roster.ts";

import { printBanner } from "./banner.ts";
import type { VerbRun } from "./verb.ts";

/** Prints the report. Exit code 1 when a module is missing. */
export const monitor: VerbRun = async ({ flags }) => {
  const home = locateHome(process.env);
  const status = await find(home);
  const missing = status?.missing ?? listAll(home);
  printBanner(flags);
  if (flags["missing"] !== undefined) process.stdout.write(missing.map((name) => `${name}\n`).join(""));
  else {
    const [{ describePlatform }, { withDatabase }, { countWork }, { surveyInstanceStat }] = await Promise.all([
      import("#channels/platform/describe-platform.ts"),
      import("./open-instance-database.ts"),
      import("#campaign/workflow/work-counts-store.ts"),
      import("./survey-instance-stat.ts"),
    ]);
    const instances = listInstances(home);
    const ofInstance = (name: string): ReturnType<typeof countWork> => withDatabase(home, name, countWork);
    const platform = {
      home,
      status,
      missing,
      instances,
      countWork: ofInstance,
      // Where nothing runs, nothing answers.
      surveyStat: async (name: string) =>
        status === undefined ? undefined : surveyInstanceStat(home, name).catch(() => undefined),
    };
    process.stdout.write(await describePlatform(platform));
  }
  return missing.length === 0 ? 0 : 1;
};

async function find(home: Home): Promise<PlatformStatus | undefined> {
  try {
    return await readStatus(home);
  } catch (error) {
    if (isPostriderError(error) && error.code === "CTL-100001") return undefined;
    throw error;
  }
}

/** Without a watchdog everything is missing. */
function listAll(home: Home): string[] {
  const supervised = roster.filter(({ kind }) => kind === "supervised");
  return supervised.flatMap(({ name, scope }) =>
    scope === "host" ? [`${name}@default`] : listInstances(home).map((instance) => `${name}@${instance}`),
  );
}
