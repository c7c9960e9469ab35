/** Splits a part with scripts into what its program does and what the program's answers stand for. */

import type { Place } from "../compiled-message.ts";
import type { FieldSource, ScriptSource, Segment } from "../content-segment.ts";
import type { ScriptCode } from "./script-code.ts";

/** A segment that needs no script. */
export type PlainSegment = Exclude<Segment, { kind: "code" | "value" | "link" }> | PlainValue | PlainLink;
type PlainValue = Omit<Extract<Segment, { kind: "value" }>, "source"> & { readonly source: FieldSource };
type PlainLink = Omit<Extract<Segment, { kind: "link" }>, "values"> & { readonly values: readonly FieldSource[] };

export type SplitEntry =
  | { readonly kind: "run"; readonly segments: readonly PlainSegment[] }
  | { readonly kind: "value"; readonly place: Place }
  /** `undefined`: a value of the scripts. */
  | { readonly kind: "link"; readonly url: string; readonly values: readonly (FieldSource | undefined)[] };

/** What the program does, in order. */
export type ScriptStep =
  | { readonly kind: "code"; readonly code: ScriptCode }
  | { readonly kind: "emit"; readonly entry: number; readonly values: readonly ScriptCode[] };

export type SplitScript = { readonly entries: readonly SplitEntry[]; readonly steps: readonly ScriptStep[] };

/** True when a part needs the sandbox. */
export function hasScript(segments: readonly Segment[]): boolean {
  return segments.some((segment) => !isPlain(segment));
}

/** True for what is composed without the sandbox. */
export function isPlain(segment: Segment): segment is PlainSegment {
  if (segment.kind === "code") return false;
  if (segment.kind === "value") return segment.source.object !== "script";
  return segment.kind !== "link" || segment.values.every(({ object }) => object !== "script");
}

/** Splits the segments of one part. */
export function splitScript(segments: readonly Segment[]): SplitScript {
  const entries: SplitEntry[] = [];
  const steps: ScriptStep[] = [];
  let run: PlainSegment[] = [];
  const endRun = (next: Segment | undefined): void => {
    if (run.length > 0 && !isBetweenCases(steps.at(-1), run, next)) {
      steps.push({ kind: "emit", entry: entries.length, values: [] });
      entries.push({ kind: "run", segments: run });
    }
    run = [];
  };
  for (const segment of segments) {
    if (isPlain(segment)) {
      run.push(segment);
      continue;
    }
    endRun(segment);
    if (segment.kind === "code") steps.push({ kind: "code", code: segment.code });
    else {
      const sources: readonly (FieldSource | ScriptSource)[] =
        segment.kind === "value" ? [segment.source] : segment.values;
      const values = sources.flatMap((source) => (source.object === "script" ? [source.code] : []));
      steps.push({ kind: "emit", entry: entries.length, values });
      entries.push(
        segment.kind === "value"
          ? { kind: "value", place: segment.place }
          : {
              kind: "link",
              url: segment.url,
              values: sources.map((source) => (source.object === "script" ? undefined : source)),
            },
      );
    }
  }
  endRun(undefined);
  return { entries, steps };
}

/** Blanks between `switch (x) {` and its first case: no statement may stand there. */
function isBetweenCases(
  before: ScriptStep | undefined,
  run: readonly PlainSegment[],
  next: Segment | undefined,
): boolean {
  return (
    before?.kind === "code" &&
    /\bswitch\s*\([^{}]*\)\s*\{\s*$/.test(before.code.code) &&
    next?.kind === "code" &&
    /^\s*(?:case\b|default\b)/.test(next.code.code) &&
    run.every((segment) => segment.kind === "text" && segment.text.trim() === "")
  );
}
