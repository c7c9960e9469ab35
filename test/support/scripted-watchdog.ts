/** A watchdog that says what a test tells it, on the control socket of a data folder. */

import { type ControlHandlers, openControl } from "#channels/control/control.ts";
import type { PlatformStatus, ProcessEntry } from "#channels/control/control-messages.ts";
import { type Home, prepareHome } from "#foundation/home.ts";

import type { Ending } from "./endings.ts";

export type SaidProcess = Pick<ProcessEntry, "module" | "instance" | "state"> & Partial<ProcessEntry>;

export type SaidStatus = Partial<Pick<PlatformStatus, "phase" | "startedAt">>;

/** Answers `status` with these processes; those that are not ready are missing. */
export async function aScriptedWatchdog(
  t: Ending,
  home: Home,
  said: readonly SaidProcess[],
  status: SaidStatus = {},
): Promise<void> {
  prepareHome(home);
  const processes = said.map((entry) => ({ memoryBytes: 0, restarts: 0, isAutoStart: true, ...entry }));
  const missing = processes
    .filter(({ state, isAutoStart }) => isAutoStart && state !== "ready")
    .map(({ module, instance }) => `${module}@${instance}`);
  const nothing = (): Promise<readonly string[]> => Promise.resolve([]);
  const handlers: ControlHandlers = {
    listProcesses: () => Promise.resolve(processes),
    status: () =>
      Promise.resolve({
        version: "0",
        pid: process.pid,
        startedAt: new Date().toISOString(),
        phase: "ready",
        databases: [],
        processes,
        missing,
        ...status,
      }),
    start: nothing,
    stop: nothing,
    restart: nothing,
    shutdown: nothing,
    reload: nothing,
    forgetInstance: nothing,
  };
  const control = await openControl(home, handlers);
  t.after(() => control.close());
}
