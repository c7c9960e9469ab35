/** Runs one question of `bench/`: `npm run bench -- <question> [--json]`. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { listFiles, root } from "./check/finding.ts";

const [question, ...words] = process.argv.slice(2);
const questions = listFiles("bench/*/run.ts").map((file) => file.split("/")[1] ?? "");
if (question === undefined || !existsSync(join(root, "bench", question, "run.ts"))) {
  process.stderr.write(`npm run bench -- QUESTION [--json]; the questions are: ${questions.join(", ")}\n`);
  process.exitCode = 2;
} else {
  const bench = spawn(process.execPath, [join("bench", question, "run.ts"), ...words], { cwd: root, stdio: "inherit" });
  // A terminal tells the bench itself; it has servers to end before it does.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => bench.kill("SIGTERM"));
  const [code] = (await once(bench, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}
