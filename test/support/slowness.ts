/** A yardstick for what the product promises on a machine that is not busy: tests may run beside many others. */

import { spawn } from "node:child_process";

import { programFolder } from "#foundation/home.ts";

/**
 * How many times longer than it should take to start a process and load a few files here and now; 1 where it takes what it should.
 * Multiplies a limit in milliseconds.
 */
export async function slownessNow(): Promise<number> {
  const beganMs = performance.now();
  await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--eval", 'await import("#foundation/settings.ts")'], {
      cwd: programFolder,
      stdio: "ignore",
    });
    child.once("error", reject);
    child.once("close", resolve);
  });
  return Math.max(1, (performance.now() - beganMs) / usualMs);
}

/** A limit as it is here and now, for what took so long; the machine is only asked where the limit itself was passed. */
export async function stretched(limitMs: number, tookMs: number): Promise<number> {
  return tookMs < limitMs ? limitMs : limitMs * (await slownessNow());
}

const usualMs = 400;
