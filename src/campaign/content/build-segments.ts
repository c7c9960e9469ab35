/** Makes segments of a flat template: what is constant, what is a value and where it stands, what is a link. */

import type { FieldSource, ScriptSource, Segment } from "./content-segment.ts";
import { codeMarker, type FlatTemplate, type Insertion, marker } from "./flatten-template.ts";
import { scanHtml } from "./scan-html.ts";
import { scanText } from "./scan-text.ts";

type Fault = { readonly offset: number; readonly problem: string };
/** A source as segments, with what is wrong at its places. */
export type Built = { readonly segments: readonly Segment[]; readonly faults: readonly Fault[] };

/** A header's text: values and nothing else. */
export function buildHeader(flat: FlatTemplate): Built {
  const faults: Fault[] = [];
  const segments = build(flat, [], (index, offset) => {
    const insertion = flat.insertions[index];
    if (insertion !== undefined && insertion.kind !== "unsubscribeUrl") return valueSegment(insertion, "plainText");
    faults.push({ offset, problem: "The unsubscription's address may not stand here." });
    return undefined;
  });
  return { segments, faults };
}

/** A header for programs: what a recipient's field says is a part of an address, and never its host. */
export function buildStructuredHeader(flat: FlatTemplate): Built {
  const { segments, faults } = buildHeader(flat);
  const host = new RegExp(`https?://[^/?#>\\s]*${marker}`, "iu").exec(flat.text);
  return {
    segments: segments.map((segment) =>
      segment.kind === "value" ? { ...segment, place: "urlParameter" as const } : segment,
    ),
    faults:
      host === null
        ? faults
        : [...faults, { offset: host.index, problem: "The host of an address may not be personalised." }],
  };
}

/** HTML: each value has the place where it stands, addresses are links, the open pixel stands before the end of the body. */
export function buildHtml(flat: FlatTemplate): Built {
  const scan = scanHtml(flat.text, (index) => flat.insertions[index]?.kind === "unsubscribeUrl");
  const faults: Fault[] = [
    ...scan.faults,
    ...findMisplacedUnsubscribe(flat, scan.links),
    ...findCrossedPlaces(flat, scan.codePlaces),
  ];
  const ranges: Range[] = [
    ...scan.links.map((link) => ({ ...link, kind: "link" as const })),
    ...scan.images.map((image) => ({ ...image, kind: "image" as const })),
    { start: scan.bodyEnd, end: scan.bodyEnd, kind: "openPixel", url: "" },
  ];
  const segments = build(flat, ranges, (index) => {
    const insertion = flat.insertions[index];
    const place = scan.places[index];
    if (insertion?.kind === "unsubscribeUrl") return { kind: "unsubscribe" };
    return insertion === undefined || place === undefined ? undefined : valueSegment(insertion, place);
  });
  return { segments, faults };
}

/** Plain text: addresses in it are links. */
export function buildText(flat: FlatTemplate): Built {
  const scan = scanText(flat.text);
  const ranges = scan.links.map((link) => ({ ...link, kind: "link" as const }));
  const segments = build(flat, ranges, (index) => {
    const insertion = flat.insertions[index];
    if (insertion?.kind === "unsubscribeUrl") return { kind: "unsubscribe" };
    return insertion === undefined ? undefined : valueSegment(insertion, "plainText");
  });
  return { segments, faults: [...scan.faults, ...findMisplacedUnsubscribe(flat, scan.links)] };
}

type Range = {
  readonly start: number;
  readonly end: number;
  readonly kind: "link" | "image" | "openPixel";
  readonly url: string;
};

/** Walks through flat text: constant text, markers by `onMarker`, and ranges that become links, images or the open pixel. */
function build(
  flat: FlatTemplate,
  ranges: readonly Range[],
  onMarker: (index: number, offset: number) => Segment | undefined,
): Segment[] {
  const segments: Segment[] = [];
  let markers = 0;
  let codes = 0;
  const copy = (start: number, end: number): void => {
    for (const [order, text] of flat.text.slice(start, end).split(marker).entries()) {
      if (order > 0) {
        const segment = onMarker(markers, start);
        if (segment !== undefined) segments.push(segment);
        markers += 1;
      }
      for (const [part, constant] of text.split(codeMarker).entries()) {
        const point = part > 0 ? flat.codes[codes++] : undefined;
        if (point !== undefined) segments.push({ kind: "code", code: point.code });
        if (constant !== "") segments.push({ kind: "text", text: constant });
      }
    }
  };
  let at = 0;
  for (const { start, end, kind, url } of [...ranges].sort((a, b) => a.start - b.start)) {
    copy(at, start);
    if (kind === "openPixel") segments.push({ kind });
    else if (kind === "image") segments.push({ kind, url });
    else {
      const count = flat.text.slice(start, end).split(marker).length - 1;
      const values = flat.insertions
        .slice(markers, markers + count)
        .flatMap((insertion) => (insertion.kind === "unsubscribeUrl" ? [] : [sourceOf(insertion)]));
      segments.push({ kind: "link", url, values });
      markers += count;
    }
    at = end;
  }
  copy(at, flat.text.length);
  return segments;
}

type InsertedValue = Exclude<Insertion, { kind: "unsubscribeUrl" }>;

function valueSegment(insertion: InsertedValue, place: Extract<Segment, { kind: "value" }>["place"]): Segment {
  const { isUrlParameter } = insertion.kind === "field" ? insertion.field : insertion;
  return { kind: "value", source: sourceOf(insertion), place: isUrlParameter ? "urlParameter" : place };
}

function sourceOf(insertion: InsertedValue): FieldSource | ScriptSource {
  return insertion.kind === "field" ? insertion.field.source : { object: "script", code: insertion.code };
}

/**
 * What a condition or a loop encloses must end where it began, or the text behind it would stand in another place each time, and be
 * escaped for the wrong one.
 */
function findCrossedPlaces(flat: FlatTemplate, places: readonly (string | undefined)[]): Fault[] {
  const faults: Fault[] = [];
  let at = -1;
  for (const [index, place] of places.entries()) {
    at = flat.text.indexOf(codeMarker, at + 1);
    const before = index === 0 ? undefined : places[index - 1];
    const isEnclosed = index > 0 && (flat.codes[index - 1]?.depth ?? 0) > 0;
    if (isEnclosed && place !== undefined && before !== undefined && place !== before)
      faults.push({ offset: at, problem: crossedPlaces });
  }
  return faults;
}

const crossedPlaces =
  "What a script encloses must begin and end in the same place: both in the text, or both within one attribute.";

function findMisplacedUnsubscribe(
  flat: FlatTemplate,
  links: readonly { readonly start: number; readonly end: number }[],
): Fault[] {
  const faults: Fault[] = [];
  let index = 0;
  for (let at = flat.text.indexOf(marker); at >= 0; at = flat.text.indexOf(marker, at + 1)) {
    const isInLink = links.some(({ start, end }) => start <= at && at < end);
    if (isInLink && flat.insertions[index]?.kind === "unsubscribeUrl") {
      faults.push({ offset: at, problem: "The unsubscription's address may not be part of another address." });
    }
    index += 1;
  }
  return faults;
}
