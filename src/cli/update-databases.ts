/** `postrider config -updatedb`: brings the databases of instances to this version. */

import { isPlatformRunning } from "#channels/control/control.ts";
import { platformNotRunning } from "#channels/control/errors.ts";
import { migrate } from "#datamodel/migrate.ts";
import { checkDatabase } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";
import { planUpdate, updateStructure } from "#campaign/structure/update-structure.ts";
import { checkVersion } from "#datamodel/check-version.ts";
import type { StructurePlan } from "#datamodel/extension/plan-structure.ts";

import { findDatabase, withDatabase } from "./open-instance-database.ts";

export type StructureChange = {
  /** The statements are shown and nothing runs. */
  readonly isPlanOnly: boolean;
  /** Columns and tables go whose schemas are gone. */
  readonly mayLose: boolean;
};

/**
 * Runs the missing migrations of each instance, then brings its tables to what its operators' schemas ask for; the
 * statements are shown before they run.
 * @returns what is left to say: a line or two an instance
 * @throws platformNotRunning for an embedded database, which runs with the platform; databaseUnreachable, databaseRefused,
 * databaseIsNewer, migrationFailed, extensionInvalid, structureWouldLose, structureBusy, structureRefused; databaseIsOlder
 * for a plan, since what the migrations will have changed is not known before they ran
 */
export async function updateDatabases(
  home: Home,
  instances: readonly string[],
  change: StructureChange,
): Promise<string> {
  const lines: string[] = [];
  for (const instance of instances) {
    const address = findDatabase(home, instance);
    if (address.isEmbedded && !(await isPlatformRunning(home))) throw platformNotRunning();
    await checkDatabase(address);
    if (change.isPlanOnly) lines.push(await showPlan(home, instance, change));
    else {
      const ran = await migrate(address);
      lines.push(
        ran.length === 0 ? `${instance}: the database is of this version` : `${instance}: ran ${ran.join(", ")}`,
        await changeStructure(home, instance, change),
      );
    }
  }
  return lines.length === 0 ? "There is no instance yet" : lines.join("\n");
}

function showPlan(home: Home, instance: string, { mayLose }: StructureChange): Promise<string> {
  return withDatabase(home, instance, async (db) => {
    await checkVersion(db, instance);
    const plan = await planUpdate(db, { mayLose });
    show(plan);
    const lost =
      plan.losses.length === 0
        ? ""
        : `; this would be lost${mayLose ? "" : ", and -drop is needed"}: ${plan.losses.join(", ")}`;
    return plan.statements.length === 0
      ? `${instance}: its tables are as its schemas say${describeKept(plan)}`
      : `${instance}: nothing was changed; these ${plan.statements.length} statements would run${lost}${describeKept(plan)}`;
  });
}

function changeStructure(home: Home, instance: string, { mayLose }: StructureChange): Promise<string> {
  return withDatabase(home, instance, async (db) => {
    const plan = await updateStructure(db, { mayLose }, show);
    return plan.statements.length === 0
      ? `${instance}: its tables are as its schemas say${describeKept(plan)}`
      : `${instance}: changed its tables by ${plan.statements.length} statements${describeKept(plan)}`;
  });
}

function show({ statements }: StructurePlan): void {
  if (statements.length > 0) process.stdout.write(`${statements.join("\n")}\n`);
}

function describeKept({ kept }: StructurePlan): string {
  return kept.length === 0 ? "" : `; no schema asks for these any more, -drop would remove them: ${kept.join(", ")}`;
}
