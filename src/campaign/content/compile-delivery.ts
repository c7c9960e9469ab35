/** Turns analysed content into a delivery that is ready to be composed for any number of recipients. */

import { toWireAddress } from "#protocols/mime/mail-address.ts";
import type { messageFormats } from "#schemas/codes.ts";

import type { AnalyzedContent } from "./analyze-content.ts";
import { type DraftPart, type EmbeddableImage, openBodies } from "./choose-body.ts";
import { compileHeaders } from "./compile-headers.ts";
import type {
  CompiledDelivery,
  ContentLetter,
  IdentityKeys,
  SigningKeys,
  TextPiece,
  TrackingUrl,
  ValueSource,
} from "./compiled-message.ts";
import type { FieldSource, Segment } from "./content-segment.ts";
import type { EmailFormatRule } from "./email-format.ts";
import { contentNotReady, linkNotPrepared } from "./errors.ts";
import { escapeValue } from "./escape-value.ts";
import { draftScript } from "./script/draft-script.ts";
import { hasScript, isPlain, type PlainSegment } from "./script/split-script.ts";

export type DeliveryFacts = {
  readonly deliveryId: number;
  readonly internalName: string;
  readonly label: string;
  readonly logDate: string;
  readonly validUntil: Date | undefined;
  readonly fromAddress: string;
  readonly replyToAddress: string;
  readonly errorAddress: string;
  readonly messageFormat: keyof typeof messageFormats;
  readonly hasEmbeddedImages: boolean;
};

/** What messages are made of beside the content. */
export type DeliveryMaterial = {
  /** With the ids that were given to the content's links when the delivery was prepared. */
  readonly trackingUrls: readonly TrackingUrl[];
  readonly identity: IdentityKeys;
  readonly signingKeys: SigningKeys;
  /** What the X-Mailer header says; empty = no such header. */
  readonly mailer: string;
  readonly precedence: "bulk" | "list" | "none";
  readonly formatRules: readonly EmailFormatRule[];
  /** Encoded files. */
  readonly attachments: readonly Buffer[];
  /** By the address that stands in the content. */
  readonly images: ReadonlyMap<string, EmbeddableImage>;
};

/**
 * Compiles a delivery.
 * @throws contentNotReady when the analysis found errors; linkNotPrepared when the content changed after the preparation
 */
export function compileDelivery(
  content: AnalyzedContent,
  facts: DeliveryFacts,
  given: DeliveryMaterial,
): CompiledDelivery {
  const error = content.problems.find(({ level }) => level === "error");
  if (error !== undefined) throw contentNotReady({ deliveryId: facts.deliveryId, problem: error.message });
  const columns: string[] = [];
  const resolve = resolveSources(facts, columns);
  const urlIds = new Map(given.trackingUrls.map(({ url, id }) => [url, id]));
  const urlIdOf = (url: string): number => {
    const urlId = urlIds.get(url);
    if (urlId === undefined) throw linkNotPrepared({ deliveryId: facts.deliveryId, url });
    return urlId;
  };
  const toPart = (segments: readonly Segment[] | undefined, letter: ContentLetter): DraftPart | undefined => {
    if (segments === undefined) return undefined;
    const contentType = letter === "h" ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
    if (hasScript(segments))
      return { contentType, pieces: [], script: script.addBody(letter === "h" ? "html" : "text", segments, letter) };
    return { contentType, pieces: segments.filter(isPlain).flatMap((segment) => compileSegment(segment, letter)) };
  };
  const compileSegment = (segment: PlainSegment, letter: ContentLetter): DraftPart["pieces"] => {
    switch (segment.kind) {
      case "text":
        return [{ text: segment.text }];
      case "value": {
        const value = resolve(segment.source);
        return value.object === "constant"
          ? [{ text: escapeValue(value.text, segment.place) }]
          : [{ slot: { kind: "value", value, place: segment.place } }];
      }
      case "link": {
        const values = segment.values.map(resolve);
        return [{ slot: { kind: "link", urlId: urlIdOf(segment.url), content: letter, values } }];
      }
      case "image":
        return [{ image: segment.url }];
      case "unsubscribe":
        return [{ slot: { kind: "unsubscribe", content: letter } }];
      case "openPixel":
        return [
          { text: '<img src="' },
          { slot: { kind: "openPixel" } },
          { text: '" width="1" height="1" alt="" border="0">' },
        ];
    }
  };
  const plainText = (segments: readonly PlainSegment[]): TextPiece[] =>
    segments.flatMap((segment): TextPiece[] => {
      if (segment.kind === "text") return [{ text: segment.text }];
      if (segment.kind !== "value") return [];
      return [{ value: resolve(segment.source) }];
    });
  const toText = (segments: readonly Segment[], name: string): TextPiece[] =>
    hasScript(segments) ? [{ script: script.addHeader(name, segments) }] : plainText(segments.filter(isPlain));
  const script = draftScript({ pieces: compileSegment, text: plainText, urlId: urlIdOf, resolve });

  const html = toPart(content.html, "h");
  const text = toPart(content.text, "t");
  if (html === undefined && text === undefined)
    throw contentNotReady({ deliveryId: facts.deliveryId, problem: "The content is empty." });
  const headers = compileHeaders(content, { ...facts, ...given, instance: given.identity.instance }, toText);
  return {
    deliveryId: facts.deliveryId,
    instance: given.identity.instance,
    logDate: facts.logDate,
    label: facts.label,
    validUntil: facts.validUntil,
    trackingUrls: given.trackingUrls,
    headers,
    chooseBody: openBodies({ ...facts, ...given, rules: given.formatRules, html, text }),
    columns,
    identity: given.identity,
    script: script.finish({
      fields: content.scriptFields,
      delivery: { id: facts.deliveryId, label: facts.label, internalName: facts.internalName },
      language: content.language,
    }),
    errorAddress: toWireAddress(facts.errorAddress),
    signingKeys: given.signingKeys,
  };
}

/** Fields of the delivery are constant; columns of the recipient are numbered as they are met. */
function resolveSources(facts: DeliveryFacts, columns: string[]): (source: FieldSource) => ValueSource {
  return (source) => {
    switch (source.object) {
      case "delivery":
        return { object: "constant", text: source.name === "id" ? String(facts.deliveryId) : facts[source.name] };
      case "message":
        return source;
      case "recipient": {
        if (!columns.includes(source.column)) columns.push(source.column);
        return { object: "recipient", index: columns.indexOf(source.column) };
      }
    }
  };
}
