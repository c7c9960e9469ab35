/** What a delivery's scripts become: a program for the sandbox, and what its answers stand for. Types only. */

import type { Program } from "#foundation/sandbox/open-sandbox.ts";

import type { ContentLetter, Place, Slice, Slot, TextPiece, ValueSource } from "../compiled-message.ts";
import type { SourcePlace } from "./script-code.ts";

/** The scripts of all parts of a delivery's content. */
export type CompiledScript = {
  /** Called with a `ScriptInput`, it answers `RenderedParts`. */
  readonly program: Program;
  /** Which of `CompiledDelivery.columns` it reads, in the order of `ScriptInput.f`. */
  readonly fields: readonly number[];
  /** Where each line of the program comes from; undefined for lines of our own. */
  readonly lines: readonly (ProgramLine | undefined)[];
};

export type ProgramLine = {
  readonly part: string;
  readonly place: SourcePlace;
  /** The line is ours and serves the author's code there: its columns say nothing. */
  readonly isOwn: boolean;
};

/** What the program gets of one message: fields as text, id and Message-ID. */
export type ScriptInput = {
  readonly f: readonly (string | null)[];
  readonly m: readonly [id: number, mimeMessageId: string];
};

/**
 * For each part with scripts what it consists of, in order: the number of an entry, and behind it a text for each value that the
 * entry takes from the scripts.
 */
export type RenderedParts = readonly (readonly (number | string)[])[];

/** One thing that a part may consist of. `undefined` among values: the next text of the answer. */
export type ScriptedEntry =
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "value"; readonly place: Place }
  | {
      readonly kind: "link";
      readonly urlId: number;
      readonly content: ContentLetter;
      readonly values: readonly (ValueSource | undefined)[];
    };

/** Constant text with the slots that need no script; it begins on a fresh line. */
export type Run = {
  readonly slices: readonly Slice[];
  readonly slots: readonly Slot[];
  readonly bytes: number;
  readonly beginsWithBreak: boolean;
  readonly endsWithBreak: boolean;
};

/** A part of a body with scripts, as one slot: its rendering is bytes. */
export type ScriptedSlot = {
  readonly kind: "scripted";
  /** Index in `RenderedParts`. */
  readonly part: number;
  readonly entries: readonly ScriptedEntry[];
  /** No constant of it differs from its canonical form. */
  readonly isCanonical: boolean;
};

/** A header with scripts. */
export type ScriptedText = {
  readonly part: number;
  readonly entries: readonly (
    | { readonly kind: "run"; readonly pieces: readonly TextPiece[] }
    | { readonly kind: "value"; readonly place: Place }
  )[];
};
