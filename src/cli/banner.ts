/** The line that Classic's commands begin with. */

import { version } from "#foundation/version.ts";

import type { Arguments } from "./parse-arguments.ts";

/** Prints it to stderr, so that what a script reads is the answer alone; nothing with `-noconsole`. */
export function printBanner(flags: Arguments["flags"]): void {
  if (flags["noconsole"] !== undefined) return;
  process.stderr.write(`${new Date().toTimeString().slice(0, 8)} >   Application server for Postrider (${version})\n`);
}
