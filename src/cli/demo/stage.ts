/** What the steps of the demo share. */

import type { Database } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";

import type { Screen } from "./screen.ts";

export type Stage = {
  readonly home: Home;
  readonly db: Database;
  /** Variables that make a command part of the demo's platform. */
  readonly environment: NodeJS.ProcessEnv;
  readonly screen: Screen;
  /** The list to import. */
  readonly file: string;
  /**
   * How often a message is tried before the demo goes on without it: twice where attempts are seconds apart, once on a
   * platform that ran before, whose own pauses may be hours.
   */
  readonly attemptsToAwait: number;
  /** Distinguishes this run's workflow and delivery from earlier ones. */
  readonly runName: string;
};

export const instance = "main";
export const groupName = "demo";
