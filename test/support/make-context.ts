/** What a module is handed, put together from its pieces. */

import { randomBytes } from "node:crypto";

import { systemClock } from "#foundation/clock.ts";
import type { Context } from "#foundation/module.ts";

/** A context of the instance `main`, which opens no other and is never asked to end. */
export function makeContext(given: Pick<Context, "db" | "flags" | "home" | "log" | "secrets" | "settings">): Context {
  const context: Context = {
    ...given,
    clock: systemClock,
    host: "testhost",
    processId: `testhost:${process.pid}:${randomBytes(4).toString("hex")}`,
    instances: ["main"],
    instance: "main",
    openInstance: () => Promise.resolve(context),
    requestStop: () => undefined,
  };
  return context;
}
