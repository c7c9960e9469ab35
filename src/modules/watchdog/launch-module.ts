/** Starts the process of one module. */

import { spawn } from "node:child_process";
import { join } from "node:path";

import { programFolder } from "#foundation/home.ts";

import type { Launch } from "./supervised.ts";

/** First passwords are for the watchdog alone. */
const withheld = new Set(["POSTRIDER_ADMIN_PASSWORD", "POSTRIDER_INTERNAL_PASSWORD"]);

/** `gc` is there so that a process can give back what its start left behind. */
const nodeFlags = ["--disable-warning=ExperimentalWarning", "--expose-gc"];

/** Modules that answer requests make much garbage at once, and are faster with Node's own young generation of 16 MB. */
const busyModules = new Set(["web", "trackinglogd"]);

/** The others are idle most of the time: what their start-up left behind would stay with them, 10 MB each. */
const idleFlags = ["--max-semi-space-size=1", "--v8-pool-size=1"];

/** @param passedOn arguments of the watchdog itself that hold for every module, such as `-verbose` */
export function makeLaunch(passedOn: readonly string[]): Launch {
  const inherited = Object.entries(process.env).filter(([name]) => !withheld.has(name));
  // Each of Node's threads would keep an arena of its own, mostly empty.
  const environment = { MALLOC_ARENA_MAX: "2", ...Object.fromEntries(inherited) };
  return (plan, args) =>
    spawn(
      process.execPath,
      [
        ...nodeFlags,
        ...(busyModules.has(plan.module) ? ["--max-semi-space-size=4"] : idleFlags),
        join(programFolder, "src", "cli", "main.ts"),
        plan.module,
        ...(plan.scope === "instance" ? [`-instance:${plan.instance}`] : []),
        "-detach",
        ...plan.args,
        ...passedOn,
        ...args,
      ],
      { stdio: ["ignore", "pipe", "pipe", "ipc"], env: environment },
    );
}
