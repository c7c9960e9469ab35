/** What a verb of the command is. */

import type { Arguments } from "./parse-arguments.ts";

export type VerbRun = (call: Arguments) => Promise<number>;

export type Verb = {
  readonly name: string;
  readonly does: string;
  /** Lines of help: the arguments and what they do. */
  readonly usage: readonly string[];
  readonly isHidden?: boolean;
  readonly load: () => Promise<VerbRun>;
};
