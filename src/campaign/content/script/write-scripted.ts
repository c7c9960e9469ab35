/** Writes a part with scripts for one recipient: constants and values in the order that the sandbox has answered. */

import { quotedPrintableBound, writeSoftBreak, writeValue } from "#protocols/mime/quoted-printable.ts";

import { contentNotRendered } from "../errors.ts";
import { escapeValue } from "../escape-value.ts";
import type { RenderedParts, Run, ScriptedSlot } from "./compiled-script.ts";

/** A part's bytes, whole lines of quoted-printable; `canonical` is undefined when they are their own canonical form. */
export type WrittenPart = { readonly wire: Buffer; readonly canonical: Buffer | undefined };

/** How slots and links are rendered that stand in a part with scripts. */
export type RenderTools = {
  readonly rendered: RenderedParts | undefined;
  readonly slot: (slot: Run["slots"][number]) => string;
  readonly link: (link: LinkEntry, texts: readonly string[]) => string;
};

type LinkEntry = Extract<ScriptedSlot["entries"][number], { kind: "link" }>;

/** What is written, in order: constants with their slots, and values. */
type Item = { readonly run: Run; readonly values: readonly string[] } | { readonly value: string };

/**
 * Writes one part.
 * @throws contentNotRendered when the sandbox has not answered for this recipient
 */
export function writeScripted(slot: ScriptedSlot, tools: RenderTools): WrittenPart {
  const items = readItems(slot, tools);
  const target = Buffer.allocUnsafe(bound(items));
  const wire = target.subarray(0, write(items, target, "wire"));
  if (slot.isCanonical) return { wire, canonical: undefined };
  const other = Buffer.allocUnsafe(target.length);
  return { wire, canonical: other.subarray(0, write(items, other, "canonical")) };
}

function readItems({ part, entries }: ScriptedSlot, { rendered, slot, link }: RenderTools): Item[] {
  const answer = rendered?.[part];
  if (answer === undefined) throw contentNotRendered();
  const items: Item[] = [];
  for (let at = 0; at < answer.length; at += 1) {
    const entry = entries[Number(answer[at])];
    if (entry === undefined) throw contentNotRendered();
    if (entry.kind === "run") items.push({ run: entry.run, values: entry.run.slots.map(slot) });
    else if (entry.kind === "value") items.push({ value: escapeValue(textAt(answer, (at += 1)), entry.place) });
    else {
      const texts = entry.values.filter((value) => value === undefined).map(() => textAt(answer, (at += 1)));
      items.push({ value: link(entry, texts) });
    }
  }
  return items;
}

function textAt(answer: readonly (number | string)[], index: number): string {
  const text = answer[index];
  if (typeof text !== "string") throw contentNotRendered();
  return text;
}

/** Each value and each end of a line may take a soft break of its own. */
function bound(items: readonly Item[]): number {
  let bytes = 8;
  for (const item of items) {
    bytes += 6;
    if ("value" in item) bytes += quotedPrintableBound(item.value.length * 3);
    else bytes += item.run.bytes + item.values.reduce((sum, value) => sum + quotedPrintableBound(value.length * 3), 0);
  }
  return bytes;
}

/** What goes on with the line before it is joined to it by a soft break. The part ends with a line break. */
function write(items: readonly Item[], target: Buffer, form: "wire" | "canonical"): number {
  let at = 0;
  let isMidLine = false;
  for (const item of items) {
    if ("value" in item) {
      if (item.value === "") continue;
      if (isMidLine) at = writeSoftBreak(target, at);
      at = writeValue(item.value, target, at);
      isMidLine = true;
      continue;
    }
    const { slices, beginsWithBreak, endsWithBreak } = item.run;
    if (isMidLine && !beginsWithBreak && (slices[0]?.wire.length ?? 0) + item.run.slots.length > 0)
      at = writeSoftBreak(target, at);
    for (const [index, slice] of slices.entries()) {
      target.set(slice[form], at);
      at += slice[form].length;
      const value = item.values[index];
      if (value !== undefined) at = writeValue(value, target, at);
    }
    isMidLine = !endsWithBreak;
  }
  if (!isMidLine) return at === 0 ? target.write("\r\n", at) : at;
  return at + target.write("\r\n", at);
}
