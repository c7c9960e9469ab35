/** Runs one question of `bench/`: `npm run bench -- <question> [--json]`. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { listFiles, root } from "./check/finding.ts";

const [question, ...words] = process.argv.slice(2);
const questions = listFiles("bench/*/run.ts").map((file) => file.split("/")[1] ?? "");
if (question === undefined || !existsSync(join(root, "bench", question, "run.ts"))) {
  process.stderr.write(`npm run bench -- QUESTION [--json]; the questions are: ${questions.join(", ")}\n`);
  process.exitCode = 2;
} else {
  process.exitCode =
    spawnSync(process.execPath, [join("bench", question, "run.ts"), ...words], { cwd: root, stdio: "inherit" })
      .status ?? 1;
}
