/** The database of an instance, as the watchdog sees it: the embedded server that it keeps running, or one elsewhere. */

import type { DatabaseEntry } from "#channels/control/control-messages.ts";
import { databaseSettings } from "#foundation/common-settings.ts";
import type { DatabaseAddress } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";
import type { Settings } from "#foundation/settings.ts";

import { keepEmbeddedPostgres } from "./keep-embedded-postgres.ts";
import type { Narration } from "./narrate.ts";
import type { Preparation } from "./prepare-database.ts";
import { reachExternalDatabase } from "./reach-external-database.ts";

export type DatabaseOptions = {
  readonly home: Home;
  readonly instance: string;
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  readonly narration: Narration;
  readonly onPrepared: (instance: string, preparation: Preparation) => void;
};

export type InstanceDatabase = {
  readonly instance: string;
  readonly address: DatabaseAddress;
  /** True when it was never used from this data folder: nothing starts before its address has proved right. */
  readonly isNew: boolean;
  /** Resolves once the first attempt is over, whether the database is ready or away; rejects when an operator must act first. */
  readonly tried: Promise<void>;
  /** Resolves when it is ready for the first time. */
  readonly prepared: Promise<void>;
  /** Aborted when the watchdog lets go of it. */
  readonly ending: AbortSignal;
  entry(): DatabaseEntry;
  stop(): Promise<void>;
};

/** Starts or finds the database that the settings name. Returns at once; see `tried` and `prepared`. */
export function openInstanceDatabase(options: DatabaseOptions): InstanceDatabase {
  const { url } = options.settings.of(databaseSettings);
  return url === "" ? keepEmbeddedPostgres(options) : reachExternalDatabase(options);
}
