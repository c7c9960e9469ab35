/** Looks at the processes of this machine from outside, as an operator with ps would. */

import { readdirSync, readFileSync } from "node:fs";

export type SeenProcess = { readonly pid: number; readonly command: string };

/** Live processes that belong to a data folder: by their POSTRIDER_HOME, or as PostgreSQL with its data there. */
export function processesOf(root: string): SeenProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({
      pid: Number(name),
      command: read(name, "cmdline").replaceAll("\0", " ").trim(),
      environment: read(name, "environ"),
    }))
    .filter(({ pid, command, environment }) => {
      if (command === "" || isZombie(pid)) return false;
      return (
        environment.split("\0").includes(`POSTRIDER_HOME=${root}`) ||
        command.includes(`-D ${root}/`) ||
        command.includes(`${root}/var`)
      );
    })
    .map(({ pid, command }) => ({ pid, command }));
}

/** True while a process exists and has not ended. */
export function isAlive(pid: number): boolean {
  return read(String(pid), "cmdline") !== "" && !isZombie(pid);
}

function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(read(String(pid), "status"));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
