/** Reads a delivery's content once: what it inserts, what it links to, and everything that is wrong with it. */

import { cleanText } from "#protocols/mime/encode-header.ts";
import { isMailAddress } from "#protocols/mime/mail-address.ts";
import { recipient as shippedRecipient } from "#schemas/recipient.ts";

import { buildHeader, buildHtml, buildStructuredHeader, buildText, type Built } from "./build-segments.ts";
import type { Segment } from "./content-segment.ts";
import { flattenTemplate, type FlatTemplate, type Reading } from "./flatten-template.ts";
import { listScriptFields, readsWholeRecipient } from "./script/list-script-fields.ts";
import type { ScriptField } from "./script/generate-program.ts";
import { isStructuredHeader, splitCustomHeaders } from "./split-custom-headers.ts";

/** The columns of nms_delivery that make a message. */
export type DeliveryContent = {
  readonly subject: string;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly replyToAddress: string;
  readonly replyToName?: string;
  /** The additional headers as the author wrote them. */
  readonly customHeaders?: string;
  readonly htmlSource: string | undefined;
  readonly textSource: string | undefined;
};

export type ContentPartName =
  | "subject"
  | "sender"
  | "replyTo"
  | "errorAddress"
  | "headers"
  | "html"
  | "text"
  | "attachments";

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
  readonly replyToName: readonly Segment[];
  readonly customHeaders: readonly AnalyzedHeader[];
  readonly html: readonly Segment[] | undefined;
  readonly text: readonly Segment[] | undefined;
  /** Stored addresses of the tracked links, each once, in the order of the content. */
  readonly links: readonly string[];
  /** Addresses of images that may be files of ours, each once. */
  readonly images: readonly string[];
  /** Fields of the recipient that scripts read. */
  readonly scriptFields: readonly ScriptField[];
  /** Scripts may read any field of the recipient. */
  readonly readsWholeRecipient: boolean;
  /** Of the blocks, and of dates in scripts. */
  readonly language: string;
};

export type AnalyzedHeader = {
  readonly name: string;
  readonly isStructured: boolean;
  readonly segments: readonly Segment[];
};

/**
 * Analyses content; never throws on what an author wrote.
 * @param language of the built-in blocks
 * @param given.recipient the schema of recipients, with what operators have added
 * @param given.views blocks of the instance
 */
export function analyzeContent(
  content: DeliveryContent,
  language: string,
  given: Partial<Pick<Reading, "recipient" | "views" | "directives">> = {},
): AnalyzedContent {
  const problems: ContentProblem[] = [];
  const reading = { recipient: shippedRecipient, ...given, language };
  const read = (part: ContentPartName, source: string, build: (flat: FlatTemplate) => Built): readonly Segment[] => {
    const flat = flattenTemplate(source, { ...reading, part: part === "html" ? "html" : "text" });
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
  const replyToName = read("replyTo", content.replyToName ?? "", buildHeader);
  const customHeaders = analyzeHeaders(content.customHeaders ?? "", reading, problems);
  const html = isBlank(content.htmlSource) ? undefined : read("html", content.htmlSource, buildHtml);
  const text = isBlank(content.textSource) ? undefined : read("text", content.textSource, buildText);
  problems.push(...checkWhole(content, { html, text }));
  const all = [
    subject,
    fromName,
    replyToName,
    ...customHeaders.map(({ segments }) => segments),
    html ?? [],
    text ?? [],
  ].flat();
  return {
    problems,
    subject,
    fromName,
    replyToName,
    customHeaders,
    html,
    text,
    links: listUrls("link", [...(html ?? []), ...(text ?? [])]),
    images: listUrls("image", html ?? []),
    scriptFields: listScriptFields(all, reading.recipient),
    readsWholeRecipient: readsWholeRecipient(all),
    language,
  };
}

/** Of each part; nobody reads more at once. */
const mostFaults = 20;

function isBlank(source: string | undefined): source is undefined {
  return source === undefined || source.trim() === "";
}

function analyzeHeaders(source: string, reading: Omit<Reading, "part">, problems: ContentProblem[]): AnalyzedHeader[] {
  const { headers, faults } = splitCustomHeaders(source);
  problems.push(...faults.map(({ offset, problem }) => at("headers", source, offset, problem)));
  return headers.map(({ name, value, offset }) => {
    const isStructured = isStructuredHeader(name);
    const flat = flattenTemplate(value, { ...reading, part: "text" });
    const built = isStructured ? buildStructuredHeader(flat) : buildHeader(flat);
    const found = [
      ...flat.faults,
      ...built.faults.map((fault) => ({ ...fault, offset: flat.sourceOffset(fault.offset) })),
    ];
    problems.push(...found.map((fault) => at("headers", source, offset + fault.offset, fault.problem)));
    return { name, isStructured, segments: built.segments };
  });
}

function listUrls(kind: "link" | "image", segments: readonly Segment[]): string[] {
  return [...new Set(segments.flatMap((segment) => (segment.kind === kind ? [segment.url] : [])))];
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
