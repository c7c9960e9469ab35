/** Brings a template into one text in which each inserted value is one marker character, so that HTML and links can be read in it. */

import type { Schema } from "#schemas/schema.ts";

import type { ContentField } from "./content-field.ts";
import { expandBlock } from "./message-blocks.ts";
import { parseTemplate, type TemplateFault } from "./parse-template.ts";

/** A noncharacter of Unicode: it never stands in a text that is meant to be read, and is removed from sources. */
export const marker = "\ufdd0";

export type Insertion = { readonly kind: "field"; readonly field: ContentField } | { readonly kind: "unsubscribeUrl" };

export type FlatTemplate = {
  /** Blocks are expanded; the n-th marker stands for the n-th insertion. */
  readonly text: string;
  readonly insertions: readonly Insertion[];
  readonly faults: readonly TemplateFault[];
  /** The place in the source of a place in `text`. */
  sourceOffset(offset: number): number;
};

/** How a source is read: for which part of the message, in the language of its blocks, with the fields of recipients. */
export type Reading = { readonly part: "html" | "text"; readonly language: string; readonly recipient: Schema };

/** Parses a source and expands its blocks for one part of the message. */
export function flattenTemplate(source: string, { part, language, recipient }: Reading): FlatTemplate {
  const { pieces, faults } = parseTemplate(source, recipient);
  const insertions: Insertion[] = [];
  const starts: { readonly flat: number; readonly source: number; readonly isText: boolean }[] = [];
  let text = "";
  const insert = (insertion: Insertion): void => {
    insertions.push(insertion);
    text += marker;
  };
  for (const piece of pieces) {
    starts.push({ flat: text.length, source: piece.offset, isText: piece.kind === "text" });
    if (piece.kind === "text") {
      // Of the same length, so that places stay true.
      text += piece.text.replaceAll(marker, "\ufffd");
      continue;
    }
    if (piece.kind === "field") {
      insert({ kind: "field", field: piece.field });
      continue;
    }
    for (const inner of expandBlock(piece.block, part, language)) {
      if ("text" in inner) text += inner.text;
      else insert("field" in inner ? { kind: "field", field: inner.field } : { kind: "unsubscribeUrl" });
    }
  }
  const sourceOffset = (offset: number): number => {
    const start = starts.findLast(({ flat }) => flat <= offset);
    if (start === undefined) return 0;
    return start.isText ? start.source + offset - start.flat : start.source;
  };
  return { text, insertions, faults, sourceOffset };
}
