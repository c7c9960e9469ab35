/** Step: the list comes in, as an operator would bring it. */

import { basename, join } from "node:path";

import { instanceFolder } from "#foundation/home.ts";

import { readLastJob } from "./demo-store.ts";
import { stepFailed } from "./errors.ts";
import type { Figures } from "./figures.ts";
import { runCommand } from "./run-command.ts";
import { groupName, instance, type Stage } from "./stage.ts";

/** Runs `postrider import`, and reads what the job counted. */
export async function importList(stage: Stage): Promise<Figures["import"]> {
  stage.screen.step(
    `import reads ${basename(stage.file)}, with whatever real lists hold: quotes, doubles, impossible addresses.`,
  );
  const rejects = join(instanceFolder(stage.home, instance, "import"), "demo-rejects.csv");
  const words = [
    "import",
    `-instance:${instance}`,
    `-file:${stage.file}`,
    `-group:${groupName}`,
    `-rejects:${rejects}`,
    "-noconsole",
  ];
  const { code, output } = await runCommand(stage.home, words, stage.environment);
  const job = await readLastJob(stage.db, "import");
  if (code > 1 || job === undefined) throw stepFailed({ step: "importing the list", reason: output.trim() });
  const count = (name: string): number => Number(job.result[name] ?? 0);
  const figures = {
    read: count("read"),
    inserted: count("inserted"),
    updated: count("updated"),
    unchanged: count("unchanged"),
    doubles: count("doubles"),
    rejected: count("rejected"),
  };
  stage.screen.note(
    `${figures.read} rows: ${figures.inserted} new, ${figures.doubles} doubles, ${figures.rejected} rejected (${rejects})`,
  );
  if (figures.inserted + figures.updated + figures.unchanged === 0) {
    throw stepFailed({ step: "importing the list", reason: `no line of it could be taken; ${rejects} says why` });
  }
  return figures;
}
