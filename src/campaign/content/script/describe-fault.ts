/** Says in the author's terms what went wrong in a script. */

import type { ScriptFault } from "#foundation/sandbox/sandbox-messages.ts";

import type { CompiledScript, ProgramLine } from "./compiled-script.ts";
import type { SourcePlace } from "./script-code.ts";

export type DescribedFault = {
  /** The part of the content; undefined when nothing is known of the place. */
  readonly part: string | undefined;
  readonly place: SourcePlace | undefined;
  readonly message: string;
};

/** Finds the innermost place of the author's in a fault. */
export function describeFault(
  { lines }: Pick<CompiledScript, "lines">,
  { message, places }: ScriptFault,
): DescribedFault {
  for (const { line, column } of places) {
    const origin: ProgramLine | undefined = lines[line - 1];
    if (origin === undefined) continue;
    const { part, place, isOwn } = origin;
    return {
      part,
      place: isOwn ? place : { ...place, column: place.column + column - 1 },
      message: withStop(message),
    };
  }
  return { part: undefined, place: undefined, message: withStop(message) };
}

/** One sentence: where, and what. */
export function faultSentence({ part, place, message }: DescribedFault): string {
  if (part === undefined || place === undefined) return message;
  const block = place.block === undefined ? "" : `block ${place.block}, `;
  return `${part}, ${block}line ${place.line}, column ${place.column}: ${message}`;
}

function withStop(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
