/** Builds what a module that serves the whole host is handed: no database. */

import { randomBytes } from "node:crypto";

import { systemClock } from "#foundation/clock.ts";
import type { Home } from "#foundation/home.ts";
import { type Log, silentLog } from "#foundation/log.ts";
import type { HostContext } from "#foundation/module.ts";
import { secretsFromKey } from "#foundation/secrets.ts";

import type { Ending } from "./endings.ts";
import { aHome, someSettings } from "./context.ts";

/** A context of a host with the instance `main`, whose settings file is not there. */
export function aHostContext(
  t: Ending,
  given: { settings?: string; log?: Log; home?: Home; instances?: readonly string[] } = {},
): HostContext {
  const secrets = secretsFromKey(randomBytes(32));
  return {
    home: given.home ?? aHome(t),
    secrets,
    settings: someSettings(given.settings ?? "", secrets),
    log: given.log ?? silentLog,
    clock: systemClock,
    host: "testhost",
    processId: `testhost:${process.pid}:${randomBytes(4).toString("hex")}`,
    flags: {},
    instances: given.instances ?? ["main"],
    openInstance: () => Promise.reject(new Error("this module opens no instance")),
    requestStop: () => undefined,
  };
}
