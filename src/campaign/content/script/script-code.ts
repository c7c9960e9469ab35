/** A piece of an author's code, with the place where it stands. Types only. */

export type ScriptCode = {
  readonly code: string;
  /** Names behind each `recipient` in it; an empty list where it stands without one. */
  readonly recipientUses: readonly (readonly string[])[];
  readonly place: SourcePlace;
};

/** From 1. */
export type SourcePlace = {
  readonly line: number;
  readonly column: number;
  /** The block of nms:includeView that it stands in; undefined: the content itself. */
  readonly block: string | undefined;
};
