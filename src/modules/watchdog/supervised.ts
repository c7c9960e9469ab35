/** A process under supervision, as the rest of the watchdog sees it. */

import type { ChildProcess } from "node:child_process";

import type { ProcessEntry } from "#channels/control/control-messages.ts";

import type { PlannedProcess } from "./plan-processes.ts";

export type Launch = (plan: PlannedProcess, args: readonly string[]) => ChildProcess;

export type Supervised = {
  readonly plan: PlannedProcess;
  /** Takes changed settings for the next start. */
  replan(plan: PlannedProcess): void;
  /** Says that it shall run, but not yet, and why. */
  hold(reason: string): void;
  /** Starts it unless it runs. @param args further arguments, which stay until the next start that gives others */
  start(args?: readonly string[]): void;
  /** Ends it and keeps it down. Resolves when it is gone. */
  stop(how: { readonly isImmediate: boolean; readonly limitMs?: number }): Promise<void>;
  /** Ends it in an orderly way and starts it again. Resolves when the new process has been started. */
  restart(how: RestartReason): Promise<void>;
  /** Resolves with true when it is ready, false when the time is up or it shall not run. */
  untilReady(limitMs: number): Promise<boolean>;
  /** Kills it if it hangs. Called once a second. */
  checkLife(): void;
  /** True while the operator or the settings want it to run. */
  isWanted(): boolean;
  entry(): ProcessEntry;
};

export type RestartReason = {
  readonly why: "command" | "settings" | "daily" | "memory";
  readonly isImmediate?: boolean;
  readonly args?: readonly string[];
};
