/** The shape every module has, and what it is handed when it starts. */

import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { Home } from "./home.ts";
import type { Log } from "./log.ts";
import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** What a module that serves the whole host is handed. */
export type HostContext = {
  readonly home: Home;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly clock: Clock;
  /** This machine's name, as it stands in host rows and leases. */
  readonly host: string;
  /** Names this process among all processes of all hosts: `<host>:<pid>:<start>`. */
  readonly processId: string;
  /** Arguments of the command line that the process's own module reads. */
  readonly flags: Flags;
  readonly instances: readonly string[];
  /**
   * Opens an instance: its settings over the host's, and its database. Closed by the process at its end.
   * @param options answerTimeoutMs: a statement without an answer for so long fails, and its connection is given up
   */
  openInstance(name: string, options?: { readonly answerTimeoutMs?: number }): Promise<Context>;
  /** Ends this process in an orderly way, as a SIGTERM would; for a module that has done its work. */
  requestStop(exitCode: number): void;
};

/** What a module that serves one instance is handed. */
export type Context = HostContext & {
  readonly instance: string;
  readonly db: Database;
};

export type Flags = { readonly [name: string]: string | true | undefined };

export type Running = {
  /** Ends the module in an orderly way; may be called twice. */
  stop(): Promise<void>;
};

export type HostModule = {
  readonly name: string;
  readonly scope: "host";
  start(context: HostContext): Promise<Running>;
};
export type InstanceModule = {
  readonly name: string;
  readonly scope: "instance";
  start(context: Context): Promise<Running>;
};
export type Module = HostModule | InstanceModule;
