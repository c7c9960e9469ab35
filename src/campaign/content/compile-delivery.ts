/** Turns analysed content into a delivery that is ready to be composed for any number of recipients. */

import type { DkimKey } from "#protocols/dkim/dkim-key.ts";
import { formatTextHeader } from "#protocols/mime/encode-header.ts";
import { toWireAddress } from "#protocols/mime/mail-address.ts";

import type { AnalyzedContent } from "./analyze-content.ts";
import { compileAlternative, compileSinglePart, type BodyPart, type BodyPiece } from "./compile-body.ts";
import type {
  CompiledBodies,
  CompiledDelivery,
  ContentLetter,
  IdentityKeys,
  TextPiece,
  TrackingUrl,
  ValueSource,
} from "./compiled-message.ts";
import type { FieldSource, Segment } from "./content-segment.ts";
import { contentNotReady, linkNotPrepared } from "./errors.ts";
import { escapeValue } from "./escape-value.ts";

export type DeliveryFacts = {
  readonly deliveryId: number;
  readonly internalName: string;
  readonly label: string;
  readonly logDate: string;
  readonly validUntil: Date | undefined;
  readonly fromAddress: string;
  readonly replyToAddress: string;
};

/**
 * Compiles a delivery.
 * @param trackingUrls with the ids that were given to the content's links when the delivery was prepared
 * @param mailer what the X-Mailer header says
 * @throws contentNotReady when the analysis found errors; linkNotPrepared when the content changed after the preparation
 */
export function compileDelivery(
  content: AnalyzedContent,
  facts: DeliveryFacts,
  given: {
    readonly trackingUrls: readonly TrackingUrl[];
    readonly identity: IdentityKeys;
    readonly dkim: DkimKey | undefined;
    readonly mailer: string;
  },
): CompiledDelivery {
  const error = content.problems.find(({ level }) => level === "error");
  if (error !== undefined) throw contentNotReady({ deliveryId: facts.deliveryId, problem: error.message });
  const columns: string[] = [];
  const resolve = resolveSources(facts, columns);
  const urlIds = new Map(given.trackingUrls.map(({ url, id }) => [url, id]));
  const toPart = (segments: readonly Segment[] | undefined, letter: ContentLetter): BodyPart | undefined =>
    segments && {
      contentType: letter === "h" ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
      pieces: segments.flatMap((segment) => compileSegment(segment, letter)),
    };
  const compileSegment = (segment: Segment, letter: ContentLetter): readonly BodyPiece[] => {
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
        const urlId = urlIds.get(segment.url);
        if (urlId === undefined) throw linkNotPrepared({ deliveryId: facts.deliveryId, url: segment.url });
        return [{ slot: { kind: "link", urlId, content: letter, values: segment.values.map(resolve) } }];
      }
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
  const toText = (segments: readonly Segment[]): TextPiece[] =>
    segments.flatMap((segment): TextPiece[] => {
      if (segment.kind === "text") return [{ text: segment.text }];
      if (segment.kind !== "value") return [];
      return [{ value: resolve(segment.source) }];
    });

  const bodies = compileBodies(toPart(content.html, "h"), toPart(content.text, "t"), facts.deliveryId);
  return {
    deliveryId: facts.deliveryId,
    instance: given.identity.instance,
    logDate: facts.logDate,
    label: facts.label,
    validUntil: facts.validUntil,
    trackingUrls: given.trackingUrls,
    headers: {
      fromName: toText(content.fromName),
      fromAddress: toWireAddress(facts.fromAddress),
      subject: toText(content.subject),
      constantFields: constantFields(facts, given),
    },
    bodies,
    columns,
    identity: given.identity,
    dkim: given.dkim,
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

function compileBodies(html: BodyPart | undefined, text: BodyPart | undefined, deliveryId: number): CompiledBodies {
  const htmlOnly = html && compileSinglePart(html);
  const textOnly = text && compileSinglePart(text);
  const only = htmlOnly ?? textOnly;
  if (only === undefined) throw contentNotReady({ deliveryId, problem: "The content is empty." });
  return {
    alternative: html && text ? compileAlternative([text, html], `=_postrider_${deliveryId.toString(16)}`) : only,
    htmlOnly: only,
    textOnly: textOnly ?? only,
  };
}

/** Headers that say what kind of mail this is; mail providers group complaints by the first three words of the Feedback-ID. */
function constantFields(
  facts: DeliveryFacts,
  { identity, mailer }: { identity: IdentityKeys; mailer: string },
): string[] {
  const domain = facts.fromAddress.slice(facts.fromAddress.lastIndexOf("@") + 1);
  const fields = ["MIME-Version: 1.0\r\n", "Precedence: bulk\r\n", formatTextHeader("X-Mailer", mailer)];
  if (facts.replyToAddress !== "") fields.push(`Reply-To: ${toWireAddress(facts.replyToAddress)}\r\n`);
  const sender = toWireAddress(`x@${domain}`)
    .slice(2)
    .replace(/[^A-Za-z0-9.-]/g, "");
  fields.push(`Feedback-ID: ${facts.deliveryId}:${identity.instance}:campaign:${sender}\r\n`);
  return fields;
}
