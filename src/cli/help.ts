/** Prints what the command can do. */

import { version } from "#foundation/version.ts";

import { verbs } from "./verbs.ts";

/**
 * Prints the list of verbs, or the usage of one.
 * @returns the exit code: 0 when help was asked for, 2 when the verb is unknown
 */
export function printHelp({
  command,
  flags,
}: {
  command: string | undefined;
  flags: { readonly [name: string]: string | true | undefined };
}): number {
  if ("version" in flags || "v" in flags) {
    process.stdout.write(`postrider ${version}\n`);
    return 0;
  }
  const verb = verbs.find((known) => known.name === command);
  if (verb !== undefined) {
    process.stdout.write(`${verb.does}\n\n${verb.usage.map((line) => `  ${line}`).join("\n")}\n`);
    return 0;
  }
  if (command !== undefined && command !== "help") {
    process.stderr.write(`postrider: there is no command '${command}'. These are:\n\n`);
  }
  const shown = verbs.filter((known) => known.isHidden !== true);
  const width = Math.max(...shown.map((known) => known.name.length));
  const lines = shown.map((known) => `  ${known.name.padEnd(width)}  ${known.does}`);
  const output = command === undefined || command === "help" ? process.stdout : process.stderr;
  output.write(
    `Postrider ${version}, a self-hosted campaign server\n\n${lines.join("\n")}\n\npostrider COMMAND -? says more about one.\n`,
  );
  return command === undefined || command === "help" ? 0 : 2;
}
