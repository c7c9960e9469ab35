/** Starts a foreign program for a test, and ends it by its pid. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

import type { Ending } from "#test/support/endings.ts";
import { until } from "#test/support/until.ts";

export type Program = {
  hasEnded(): string | undefined;
  /** The end of what it has printed. */
  said(): string;
  /** Ends it before the test does. */
  end(): Promise<void>;
};

/** Runs a program until the end of the test; what it prints is shown when it ends too early. */
export function startProgram(t: Ending, command: string, words: readonly string[]): Program {
  const child = spawn(command, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  let said = "";
  let ended: string | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
    });
  }
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code) => {
    ended = `${command} ended with ${code}: ${said}`;
  });
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  };
  t.after(end);
  return { hasEnded: () => ended, said: () => said, end };
}

/** Waits until a program takes connections; fails with what it said when it ended instead. */
export async function untilListening(program: Program, port: number): Promise<void> {
  await until(() => {
    const ended = program.hasEnded();
    if (ended !== undefined) throw new Error(ended);
    return isListening(port);
  }, `a connection to port ${port}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1", () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}
