/** Step: the list goes out again. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { instanceFolder } from "#foundation/home.ts";

import { readLastJob } from "./demo-store.ts";
import { stepFailed } from "./errors.ts";
import { runCommand } from "./run-command.ts";
import { groupName, instance, type Stage } from "./stage.ts";

export type Exported = { readonly file: string; readonly rows: number; readonly bytes: number };

/** Runs `postrider export` for the demo's group. */
export async function exportList(stage: Stage): Promise<Exported> {
  stage.screen.step("export writes the group back to a file.");
  const file = join(instanceFolder(stage.home, instance, "export"), "demo-recipients.csv");
  const words = ["export", `-instance:${instance}`, `-out:${file}`, `-group:${groupName}`, "-noconsole"];
  const { code, output } = await runCommand(stage.home, words, stage.environment);
  const job = await readLastJob(stage.db, "export");
  if (code !== 0 || job === undefined) throw stepFailed({ step: "exporting the list", reason: output.trim() });
  const exported = { file, rows: Number(job.result["rows"] ?? 0), bytes: readFileSync(file).length };
  stage.screen.note(`${exported.rows} rows, ${Math.round(exported.bytes / 1024)} KB: ${file}`);
  return exported;
}
