/** The `postrider` command: finds the verb or the module that is named, and runs it. */

import { describeError, isPostriderError } from "#foundation/errors.ts";

import { parseArguments } from "./parse-arguments.ts";

const { command, words, flags } = parseArguments(process.argv.slice(2));

try {
  const { verbs } = await import("./verbs.ts");
  const verb = command === undefined ? undefined : verbs.find((known) => known.name === command);
  if (verb !== undefined && !("?" in flags || "h" in flags || "H" in flags || "help" in flags)) {
    process.exitCode = await (await verb.load())({ command: verb.name, words, flags });
  } else {
    const { printHelp } = await import("./help.ts");
    process.exitCode = printHelp({ command, flags });
  }
} catch (error) {
  // What an operator can act on is one sentence; a defect keeps its stack, so that it can be found.
  const isDefect = !isPostriderError(error);
  process.stderr.write(
    `postrider: ${isDefect && error instanceof Error ? (error.stack ?? describeError(error)) : describeError(error)}\n`,
  );
  process.exitCode = isDefect ? 1 : 2;
}
