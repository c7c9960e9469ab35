/** Runs `postrider` itself, as an operator would. */

import { spawn } from "node:child_process";
import { join } from "node:path";

import { type Home, programFolder } from "#foundation/home.ts";

/** Runs a verb to its end; answers the exit code and what it printed. */
export function runCommand(
  home: Home,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, join(programFolder, "src/cli/main.ts"), ...words], {
      env: { ...process.env, ...environment, POSTRIDER_HOME: home.root },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
    child.once("error", reject);
    child.once("exit", (code) => resolve({ code: code ?? 1, output: said.join("") }));
  });
}
