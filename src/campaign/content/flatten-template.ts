/** Brings a template into one text in which each inserted value is one marker character, so that HTML and links can be read in it. */

import type { Schema } from "#schemas/schema.ts";

import type { ContentField } from "./content-field.ts";
import { type Directives, expandDirectives } from "./directives/expand-directives.ts";
import { expandBlock, isMessageBlock, messageBlockNames } from "./message-blocks.ts";
import { type CodePiece, parseTemplate, type TemplateFault, type TemplatePiece } from "./parse-template.ts";
import type { Enclosure } from "./script/scan-code.ts";
import type { ScriptCode, SourcePlace } from "./script/script-code.ts";

/** A noncharacter of Unicode: it never stands in a text that is meant to be read, and is removed from sources. */
export const marker = "\ufdd0";
/** The same for code: it inserts nothing, but what surrounds it may come once, often or never. */
export const codeMarker = "\ufdd1";

export type Insertion =
  | { readonly kind: "field"; readonly field: ContentField }
  | { readonly kind: "unsubscribeUrl" }
  | { readonly kind: "expression"; readonly code: ScriptCode; readonly isUrlParameter: boolean };

/** A piece of code, and how much is open behind it. */
export type CodePoint = { readonly code: ScriptCode; readonly depth: number };

export type FlatTemplate = {
  /** Blocks are expanded; the n-th marker stands for the n-th insertion, the n-th code marker for the n-th piece of code. */
  readonly text: string;
  readonly insertions: readonly Insertion[];
  readonly codes: readonly CodePoint[];
  readonly faults: readonly TemplateFault[];
  /** The place in the source of a place in `text`. */
  sourceOffset(offset: number): number;
};

/** How a source is read: for which part of the message, in the language of its blocks, with the fields of recipients. */
export type Reading = {
  readonly part: "html" | "text";
  readonly language: string;
  readonly recipient: Schema;
  /** Blocks of the instance, by name. */
  readonly views?: Views;
  /** What `<%@ value %>` and `<%@ foreach %>` read. */
  readonly directives?: Directives;
};

/** Blocks of nms:includeView as they are stored. */
export type Views = Readonly<Record<string, { readonly html: string; readonly text: string }>>;

/** Blocks within blocks, and characters of all together. */
const deepestBlock = 10;
const longestText = 2_000_000;
const mostBlocks = 1_000;

/** Parses a source and expands its blocks for one part of the message. */
export function flattenTemplate(source: string, reading: Reading): FlatTemplate {
  const { part, language, recipient, views = {} } = reading;
  const insertions: Insertion[] = [];
  const codes: CodePoint[] = [];
  const faults: TemplateFault[] = [];
  const enclosure: Enclosure = [];
  const starts: { readonly flat: number; readonly source: number; readonly isText: boolean }[] = [];
  let text = "";
  let blocks = 0;

  const insert = (insertion: Insertion): void => {
    insertions.push(insertion);
    text += marker;
  };
  const appendBuiltIn = (name: string): void => {
    if (!isMessageBlock(name)) return;
    for (const inner of expandBlock(name, part, language)) {
      if ("text" in inner) text += inner.text;
      else insert("field" in inner ? { kind: "field", field: inner.field } : { kind: "unsubscribeUrl" });
    }
  };
  /** @param within names of the blocks that lead here; the first one stands in the source at `rootOffset` */
  const append = (given: string, within: readonly string[], rootOffset: number): void => {
    const expanded = expandDirectives(given, { part, ...reading.directives });
    const block = within.at(-1);
    const place = openPlaces(given);
    const toRoot = (offset: number): number => (block === undefined ? expanded.sourceOffset(offset) : rootOffset);
    const tell = (offset: number, problem: string): void => {
      const where =
        block === undefined ? "" : `In the block ${block}, line ${place(expanded.sourceOffset(offset)).line}: `;
      faults.push({ offset: toRoot(offset), problem: where + problem });
    };
    const placeOf = (offset: number): SourcePlace => ({ ...place(expanded.sourceOffset(offset)), block });
    const codeOf = ({ code, recipientUses, codeOffset }: CodePiece): ScriptCode => ({
      code,
      recipientUses,
      place: placeOf(codeOffset),
    });
    for (const { offset, problem } of expanded.faults)
      faults.push({ offset: block === undefined ? offset : rootOffset, problem });
    const parsed = parseTemplate(expanded.text, recipient, enclosure);
    for (const { offset, problem } of parsed.faults) tell(offset, problem);
    const include = (piece: Extract<TemplatePiece, { kind: "include" }>): void => {
      blocks += 1;
      const view = Object.hasOwn(views, piece.view) ? views[piece.view] : undefined;
      if (within.includes(piece.view))
        tell(piece.offset, `The block ${piece.view} includes itself: ${[...within, piece.view].join(" > ")}.`);
      else if (within.length >= deepestBlock || text.length > longestText || blocks > mostBlocks)
        tell(piece.offset, "Blocks are included too deeply or too often.");
      else if (view !== undefined)
        append(part === "html" ? view.html || view.text : view.text, [...within, piece.view], toRoot(piece.offset));
      else if (isMessageBlock(piece.view)) appendBuiltIn(piece.view);
      else tell(piece.offset, unknownBlock(piece.view, views));
    };
    for (const piece of parsed.pieces) {
      const isText = piece.kind === "text" && block === undefined;
      starts.push({ flat: text.length, source: isText ? piece.offset : toRoot(piece.offset), isText });
      switch (piece.kind) {
        case "text":
          // Of the same length, so that places stay true.
          text += piece.text.replace(/[\ufdd0\ufdd1]/g, "\ufffd");
          break;
        case "field":
          insert({ kind: "field", field: piece.field });
          break;
        case "expression":
          insert({ kind: "expression", code: codeOf(piece), isUrlParameter: piece.isUrlParameter });
          break;
        case "code":
          codes.push({ code: codeOf(piece), depth: piece.depth });
          text += codeMarker;
          break;
        case "include":
          include(piece);
          break;
      }
    }
  };

  append(source, [], 0);
  if (enclosure.length > 0) {
    faults.push({ offset: source.length, problem: `There is no end of this ${enclosure.at(-1)} in the scripts.` });
  }
  const root = expandDirectives(source, { part, ...reading.directives });
  const sourceOffset = (offset: number): number => {
    const start = starts.findLast(({ flat }) => flat <= offset);
    if (start === undefined) return 0;
    return start.isText ? root.sourceOffset(start.source + offset - start.flat) : start.source;
  };
  return { text, insertions, codes, faults, sourceOffset };
}

function unknownBlock(name: string, views: Views): string {
  return `There is no block named ${name}. There are: ${[...messageBlockNames, ...Object.keys(views)].join(", ")}.`;
}

/** Line and column, from 1, of offsets that are asked for in rising order. */
function openPlaces(source: string): (offset: number) => { readonly line: number; readonly column: number } {
  const ends = /\r\n|\r|\n/g;
  let line = 1;
  let start = 0;
  let next = ends.exec(source);
  return (offset) => {
    if (offset < start) {
      ends.lastIndex = 0;
      line = 1;
      start = 0;
      next = ends.exec(source);
    }
    for (; next !== null && next.index + next[0].length <= offset; next = ends.exec(source)) {
      line += 1;
      start = next.index + next[0].length;
    }
    return { line, column: offset - start + 1 };
  };
}
