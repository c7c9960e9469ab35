/** Collects the parts of a delivery that hold scripts while it is compiled, and makes one program of them. */

import type { DraftPart } from "../choose-body.ts";
import type { ContentLetter, TextPiece, ValueSource } from "../compiled-message.ts";
import type { FieldSource, Segment } from "../content-segment.ts";
import type { CompiledScript, ScriptedText } from "./compiled-script.ts";
import { generateProgram, type ScriptField, type ScriptPart } from "./generate-program.ts";
import { type PlainSegment, type SplitEntry, splitScript } from "./split-script.ts";

/** A body's part with scripts, its constants still to be encoded. */
export type ScriptDraft = {
  readonly part: number;
  readonly entries: readonly (
    | { readonly kind: "run"; readonly pieces: DraftPart["pieces"] }
    | Extract<SplitEntry, { kind: "value" }>
    | {
        readonly kind: "link";
        readonly urlId: number;
        readonly content: ContentLetter;
        readonly values: readonly (ValueSource | undefined)[];
      }
  )[];
};

/** How segments without scripts are compiled. */
export type SegmentCompiler = {
  readonly pieces: (segment: PlainSegment, letter: ContentLetter) => DraftPart["pieces"];
  readonly text: (segments: readonly PlainSegment[]) => readonly TextPiece[];
  readonly urlId: (url: string) => number;
  readonly resolve: (source: FieldSource) => ValueSource;
};

/** The scripts of one delivery. */
export type DraftScript = {
  /** Takes a part of the body. */
  addBody(name: string, segments: readonly Segment[], letter: ContentLetter): ScriptDraft;
  /** Takes a header. */
  addHeader(name: string, segments: readonly Segment[]): ScriptedText;
  /** The program of what was taken; undefined when there were no scripts. */
  finish(given: ProgramFacts): CompiledScript | undefined;
};

export type ProgramFacts = {
  readonly fields: readonly ScriptField[];
  readonly delivery: Readonly<Record<string, unknown>>;
  readonly language: string;
};

/** Opens an empty collection. */
export function draftScript(compile: SegmentCompiler): DraftScript {
  const parts: ScriptPart[] = [];
  const add = (name: string, segments: readonly Segment[]): readonly SplitEntry[] => {
    const { entries, steps } = splitScript(segments);
    parts.push({ name, steps });
    return entries;
  };
  return {
    addBody: (name, segments, letter) => {
      const entries = add(name, segments).map((entry): ScriptDraft["entries"][number] => {
        if (entry.kind === "run")
          return { kind: "run", pieces: entry.segments.flatMap((segment) => compile.pieces(segment, letter)) };
        if (entry.kind === "value") return entry;
        const values = entry.values.map((source) => source && compile.resolve(source));
        return { kind: "link", urlId: compile.urlId(entry.url), content: letter, values };
      });
      return { part: parts.length - 1, entries };
    },
    addHeader: (name, segments) => {
      const entries = add(name, segments).flatMap((entry): ScriptedText["entries"] => {
        if (entry.kind === "run") return [{ kind: "run", pieces: compile.text(entry.segments) }];
        return entry.kind === "value" ? [entry] : [];
      });
      return { part: parts.length - 1, entries };
    },
    finish: ({ fields, delivery, language }) => {
      if (parts.length === 0) return undefined;
      const columns = fields.map(({ column }) => compile.resolve({ object: "recipient", column }));
      return {
        ...generateProgram({ parts, fields, delivery, language }),
        fields: columns.flatMap((source) => (source.object === "recipient" ? [source.index] : [])),
      };
    },
  };
}
