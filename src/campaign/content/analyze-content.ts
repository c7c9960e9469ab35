/** Reads a delivery's content once: what it inserts, what it links to, and everything that is wrong with it. */

import { cleanText } from "#protocols/mime/encode-header.ts";
import { isMailAddress } from "#protocols/mime/mail-address.ts";
import { recipient as shippedRecipient } from "#schemas/recipient.ts";
import type { Schema } from "#schemas/schema.ts";

import type { Segment } from "./content-segment.ts";
import { flattenTemplate, type FlatTemplate, type Insertion, marker } from "./flatten-template.ts";
import { scanHtml } from "./scan-html.ts";
import { scanText } from "./scan-text.ts";

/** The columns of nms_delivery that make a message. */
export type DeliveryContent = {
  readonly subject: string;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly replyToAddress: string;
  readonly htmlSource: string | undefined;
  readonly textSource: string | undefined;
};

export type ContentPartName = "subject" | "sender" | "replyTo" | "html" | "text";

export type ContentProblem = {
  /** An error forbids the delivery; a warning is told. */
  readonly level: "error" | "warning";
  readonly part: ContentPartName;
  /** From 1; undefined when it concerns the whole part. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly message: string;
};

export type AnalyzedContent = {
  readonly problems: readonly ContentProblem[];
  readonly subject: readonly Segment[];
  readonly fromName: readonly Segment[];
  readonly html: readonly Segment[] | undefined;
  readonly text: readonly Segment[] | undefined;
  /** Stored addresses of the tracked links, each once, in the order of the content. */
  readonly links: readonly string[];
};

/**
 * Analyses content; never throws on what an author wrote.
 * @param language of the built-in blocks
 * @param recipient the schema of recipients, with what operators have added
 */
export function analyzeContent(
  content: DeliveryContent,
  language: string,
  recipient: Schema = shippedRecipient,
): AnalyzedContent {
  const problems: ContentProblem[] = [];
  const read = (part: ContentPartName, source: string, build: (flat: FlatTemplate) => Built): readonly Segment[] => {
    const flat = flattenTemplate(source, { part: part === "html" ? "html" : "text", language, recipient });
    const built = build(flat);
    const faults = [
      ...flat.faults,
      ...built.faults.map(({ offset, problem }) => ({ offset: flat.sourceOffset(offset), problem })),
    ];
    const first = faults.sort((a, b) => a.offset - b.offset).slice(0, mostFaults);
    problems.push(...first.map(({ offset, problem }) => at(part, source, offset, problem)));
    return built.segments;
  };
  const subject = read("subject", content.subject, buildHeader);
  const fromName = read("sender", content.fromName, buildHeader);
  const html = isBlank(content.htmlSource) ? undefined : read("html", content.htmlSource, buildHtml);
  const text = isBlank(content.textSource) ? undefined : read("text", content.textSource, buildText);
  problems.push(...checkWhole(content, { html, text }));
  return { problems, subject, fromName, html, text, links: listLinks([...(html ?? []), ...(text ?? [])]) };
}

/** Of each part; nobody reads more at once. */
const mostFaults = 20;

type Fault = { readonly offset: number; readonly problem: string };
type Built = { readonly segments: readonly Segment[]; readonly faults: readonly Fault[] };

function isBlank(source: string | undefined): source is undefined {
  return source === undefined || source.trim() === "";
}

function buildHeader(flat: FlatTemplate): Built {
  const faults: Fault[] = [];
  const segments = build(flat, [], (index, offset) => {
    const insertion = flat.insertions[index];
    if (insertion?.kind === "field") return fieldSegment(insertion, "plainText");
    faults.push({ offset, problem: "The unsubscription's address may not stand here." });
    return undefined;
  });
  return { segments, faults };
}

function buildHtml(flat: FlatTemplate): Built {
  const scan = scanHtml(flat.text, (index) => flat.insertions[index]?.kind === "unsubscribeUrl");
  const faults: Fault[] = [...scan.faults, ...findMisplacedUnsubscribe(flat, scan.links)];
  const segments = build(flat, [...scan.links, { start: scan.bodyEnd, end: scan.bodyEnd, url: undefined }], (index) => {
    const insertion = flat.insertions[index];
    const place = scan.places[index];
    if (insertion?.kind === "unsubscribeUrl") return { kind: "unsubscribe" };
    return insertion === undefined || place === undefined ? undefined : fieldSegment(insertion, place);
  });
  return { segments, faults };
}

function buildText(flat: FlatTemplate): Built {
  const scan = scanText(flat.text);
  const segments = build(flat, scan.links, (index) => {
    const insertion = flat.insertions[index];
    if (insertion?.kind === "unsubscribeUrl") return { kind: "unsubscribe" };
    return insertion === undefined ? undefined : fieldSegment(insertion, "plainText");
  });
  return { segments, faults: [...scan.faults, ...findMisplacedUnsubscribe(flat, scan.links)] };
}

type Range = {
  readonly start: number;
  readonly end: number /** Undefined: the open pixel goes here. */;
  readonly url: string | undefined;
};

/** Walks through flat text: constant text, markers by `onMarker`, and ranges that become links. */
function build(
  flat: FlatTemplate,
  ranges: readonly Range[],
  onMarker: (index: number, offset: number) => Segment | undefined,
): Segment[] {
  const segments: Segment[] = [];
  let markers = 0;
  const copy = (start: number, end: number): void => {
    for (const [order, text] of flat.text.slice(start, end).split(marker).entries()) {
      if (order > 0) {
        const segment = onMarker(markers, start);
        if (segment !== undefined) segments.push(segment);
        markers += 1;
      }
      if (text !== "") segments.push({ kind: "text", text });
    }
  };
  let at = 0;
  for (const { start, end, url } of [...ranges].sort((a, b) => a.start - b.start)) {
    copy(at, start);
    if (url === undefined) segments.push({ kind: "openPixel" });
    else {
      const count = flat.text.slice(start, end).split(marker).length - 1;
      const values = flat.insertions
        .slice(markers, markers + count)
        .flatMap((insertion) => (insertion.kind === "field" ? [insertion.field.source] : []));
      segments.push({ kind: "link", url, values });
      markers += count;
    }
    at = end;
  }
  copy(at, flat.text.length);
  return segments;
}

function fieldSegment(
  insertion: Extract<Insertion, { kind: "field" }>,
  place: Extract<Segment, { kind: "value" }>["place"],
): Segment {
  return {
    kind: "value",
    source: insertion.field.source,
    place: insertion.field.isUrlParameter ? "urlParameter" : place,
  };
}

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

function listLinks(segments: readonly Segment[]): string[] {
  return [...new Set(segments.flatMap((segment) => (segment.kind === "link" ? [segment.url] : [])))];
}

function checkWhole(
  content: DeliveryContent,
  parts: { html: readonly Segment[] | undefined; text: readonly Segment[] | undefined },
): ContentProblem[] {
  const problems: ContentProblem[] = [];
  const tell = (level: ContentProblem["level"], part: ContentPartName, message: string): void => {
    problems.push({ level, part, line: undefined, column: undefined, message });
  };
  if (cleanText(content.subject) === "") tell("error", "subject", "The subject is missing.");
  if (content.fromAddress === "") tell("error", "sender", "The sender's address is missing.");
  else if (!isMailAddress(content.fromAddress)) tell("error", "sender", "The sender's address is not a valid address.");
  if (content.replyToAddress !== "" && !isMailAddress(content.replyToAddress)) {
    tell("error", "replyTo", "The reply address is not a valid address.");
  }
  if (parts.html === undefined && parts.text === undefined)
    tell("error", "html", "The content is empty: write HTML, text or both.");
  for (const [part, segments] of [["html", parts.html] as const, ["text", parts.text] as const]) {
    if (segments !== undefined && !segments.some(({ kind }) => kind === "unsubscribe")) {
      tell("warning", part, "There is no unsubscription link: insert <%@ include view='UnsubscriptionLink' %>.");
    }
  }
  return problems;
}

function at(part: ContentPartName, source: string, offset: number, message: string): ContentProblem {
  const before = source.slice(0, offset).split(/\r\n|\r|\n/);
  return { level: "error", part, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message };
}
