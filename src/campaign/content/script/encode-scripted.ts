/** Encodes the constants of a part with scripts once. */

import { relaxLines } from "#protocols/dkim/canonicalize.ts";
import { encodeQuotedPrintable } from "#protocols/mime/quoted-printable.ts";

import type { Slice, Slot } from "../compiled-message.ts";
import type { Run, ScriptedEntry, ScriptedSlot } from "./compiled-script.ts";
import type { ScriptDraft } from "./draft-script.ts";

const softBreak = Buffer.from("=\r\n");

/**
 * Encodes a part. Unlike in a part without scripts, nothing is known of what stands before and behind a run: lines are joined when the
 * message is written.
 * @param addressOf what an image of ours is named by in this form of the body
 */
export function encodeScripted(draft: ScriptDraft, addressOf: (url: string) => string): ScriptedSlot {
  const entries = draft.entries.map((entry): ScriptedEntry => {
    if (entry.kind !== "run") return entry;
    const pieces = entry.pieces.map((piece) => ("image" in piece ? { text: addressOf(piece.image) } : piece));
    return { kind: "run", run: encodeRun(pieces) };
  });
  const slices = entries.flatMap((entry) => (entry.kind === "run" ? entry.run.slices : []));
  return {
    kind: "scripted",
    part: draft.part,
    entries,
    isCanonical: slices.every(({ wire, canonical }) => wire === canonical),
  };
}

function encodeRun(pieces: readonly ({ readonly text: string } | { readonly slot: Slot })[]): Run {
  const texts = [""];
  const slots: Slot[] = [];
  for (const piece of pieces) {
    if ("slot" in piece) {
      slots.push(piece.slot);
      texts.push("");
    } else texts.push((texts.pop() ?? "") + piece.text);
  }
  const last = texts.length - 1;
  const slices = texts.map((text, index): Slice => {
    const bytes = [encodeQuotedPrintable(text)];
    if (index > 0 && !/^[\r\n]/.test(text) && !(index === last && text === "")) bytes.unshift(softBreak);
    if (index < last && text !== "" && !/[\r\n]$/.test(text)) bytes.push(softBreak);
    const wire = Buffer.concat(bytes);
    return { wire, canonical: relaxLines(wire), base64: undefined, leftover: undefined };
  });
  return {
    slices,
    slots,
    bytes: slices.reduce((sum, { wire }) => sum + wire.length, 0),
    beginsWithBreak: /^[\r\n]/.test(texts[0] ?? ""),
    endsWithBreak: /[\r\n]$/.test(texts[last] ?? ""),
  };
}
