/** Reads the definition of a workflow from a JSON file. */

import { readFileSync } from "node:fs";

import { describeError } from "#foundation/errors.ts";

import { definitionUnreadable } from "./errors.ts";

/**
 * Reads the file; what it means is judged where it is stored.
 * @throws definitionUnreadable
 */
export function readDefinitionFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw definitionUnreadable({ file, reason: describeError(cause) }, { cause });
  }
}
