/** Finds the fields of the recipient that scripts read, so that no others are fetched for them. */

import type { Schema } from "#schemas/schema.ts";

import { columnsOf } from "../content-field.ts";
import type { Segment } from "../content-segment.ts";
import type { ScriptField } from "./generate-program.ts";
import type { ScriptCode } from "./script-code.ts";

/** The fields that any script of the segments names; all of them when a script takes the recipient as a whole. */
export function listScriptFields(segments: readonly Segment[], recipient: Schema): ScriptField[] {
  const uses = segments.flatMap(codesOf).flatMap(({ recipientUses }) => recipientUses);
  if (uses.length === 0) return [];
  return [...columnsOf(recipient)]
    .filter(([path]) => uses.some((names) => isRead(path, names.join("."))))
    .map(([path, column]) => ({
      path,
      column,
      type: recipient.attributes[path.replaceAll(".", "/")]?.type ?? "string",
    }));
}

/** True when a script takes the recipient as a whole, so that any field may be read. */
export function readsWholeRecipient(segments: readonly Segment[]): boolean {
  return segments.flatMap(codesOf).some(({ recipientUses }) => recipientUses.some((names) => names.length === 0));
}

/** `location` reads all below it, and `firstName.length` reads `firstName`. */
function isRead(path: string, used: string): boolean {
  return used === "" || path === used || path.startsWith(`${used}.`) || used.startsWith(`${path}.`);
}

function codesOf(segment: Segment): ScriptCode[] {
  if (segment.kind === "code") return [segment.code];
  const sources = segment.kind === "value" ? [segment.source] : segment.kind === "link" ? segment.values : [];
  return sources.flatMap((source) => (source.object === "script" ? [source.code] : []));
}
