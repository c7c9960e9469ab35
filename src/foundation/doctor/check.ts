/**
 * The shape of what `postrider doctor` looks at: one check a file, in the folder `doctor` of the module that it is about. A check finds
 * out and answers; it changes nothing, and words, order and exit code are the command's.
 */

import type { Database } from "../database.ts";
import type { Home } from "../home.ts";
import type { Secrets } from "../secrets.ts";
import type { Settings } from "../settings.ts";
import type { CheckName, ProblemKey, TextKey } from "./words.ts";

/** `error`: something does not work. `warning`: it soon may not, or works badly. `note`: it is meant so, and explains what is seen. */
export type Severity = "error" | "warning" | "note";

/** A figure in a text; written as the language of the reader writes it. */
export type Value = string | number | Date | { readonly bytes: number } | { readonly spanMs: number } | Said;
export type Values = { readonly [name: string]: Value };

/** Words of the catalogue. */
export type Said = { readonly text: TextKey; readonly values?: Values };

export type Finding = {
  readonly severity: Severity;
  /** Names symptom, cause and remedy in the catalogue, and stays the same for programs. */
  readonly problem: ProblemKey;
  readonly values?: Values;
};

/** Why a check could not look: what it needs is a finding of another check. */
export type Obstacle = "platform" | "process" | "database" | "settings" | "stat" | "dns";

export type Examination =
  | {
      readonly findings: readonly Finding[];
      /** What was looked at, with figures; said when nothing is wrong. Left out when it could not be seen. */
      readonly seen?: Said;
    }
  | { readonly obstacle: Obstacle };

/** What a check of the whole host is handed. */
export type HostVisit = {
  readonly home: Home;
  readonly environment: NodeJS.ProcessEnv;
  /** This machine's name, as it stands in host rows and leases. */
  readonly host: string;
  /** Those that are looked at. */
  readonly instances: readonly string[];
  readonly now: () => Date;
  /** Aborted when the time of the check is up. */
  readonly signal: AbortSignal;
};

/** What a check of one instance is handed. Statements fail where the database is away: the check is then left out. */
export type InstanceVisit = HostVisit & {
  readonly instance: string;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly db: Database;
};

type Named = {
  readonly name: CheckName;
  /** Time that it may take; a few seconds when left out. */
  readonly limitMs?: number;
};
export type HostCheck = Named & { readonly scope: "host"; examine(visit: HostVisit): Promise<Examination> };
export type InstanceCheck = Named & { readonly scope: "instance"; examine(visit: InstanceVisit): Promise<Examination> };
export type Check = HostCheck | InstanceCheck;
