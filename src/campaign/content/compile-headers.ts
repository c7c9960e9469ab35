/** Turns what a delivery says in its headers into fields: those that are the same for all are written and relaxed once. */

import { relaxFields } from "#protocols/dkim/sign-message.ts";
import { formatMailboxHeader, formatStructuredHeader, formatTextHeader } from "#protocols/mime/encode-header.ts";
import { needsSmtpUtf8, toWireAddress } from "#protocols/mime/mail-address.ts";

import type { AnalyzedContent } from "./analyze-content.ts";
import type { CompiledHeaders, HeaderTemplate, TextPiece } from "./compiled-message.ts";
import type { Segment } from "./content-segment.ts";

export type HeaderFacts = {
  readonly deliveryId: number;
  readonly instance: string;
  readonly fromAddress: string;
  readonly replyToAddress: string;
  /** Empty = no such header. */
  readonly mailer: string;
  readonly precedence: "bulk" | "list" | "none";
};

/**
 * Compiles the headers.
 * @param toText values of the text numbered as the recipients' columns are read
 * @source RFC 8058 for one-click unsubscription; RFC 3834 section 5 on Precedence
 */
export function compileHeaders(
  content: Pick<AnalyzedContent, "subject" | "fromName" | "replyToName" | "customHeaders">,
  facts: HeaderFacts,
  toText: (segments: readonly Segment[], name: string) => readonly TextPiece[],
): CompiledHeaders {
  const own = new Set(content.customHeaders.map(({ name }) => name.toLowerCase()));
  const from = toWireAddress(facts.fromAddress);
  const replyTo = toWireAddress(facts.replyToAddress);
  const templates: HeaderTemplate[] = [
    { kind: "mailbox", name: "From", pieces: toText(content.fromName, "sender"), address: from },
    { kind: "text", name: "Subject", pieces: toText(content.subject, "subject") },
    ...(replyTo === ""
      ? []
      : [
          {
            kind: "mailbox",
            name: "Reply-To",
            pieces: toText(content.replyToName, "replyTo"),
            address: replyTo,
          } as const,
        ]),
    ...content.customHeaders.map(
      ({ name, isStructured, segments }): HeaderTemplate => ({
        kind: isStructured ? "structured" : "text",
        name,
        pieces: toText(segments, "headers"),
      }),
    ),
  ];
  const hasUnsubscribe = own.has("list-unsubscribe");
  const usual: (readonly [name: string, value: string])[] = [
    ["Precedence", facts.precedence === "none" ? "" : facts.precedence],
    ["X-Mailer", facts.mailer],
    ["Feedback-ID", feedbackId(facts)],
    ["List-Unsubscribe-Post", hasUnsubscribe ? "" : "List-Unsubscribe=One-Click"],
  ];
  const fields = templates.map((template) => writeTemplate(template));
  return {
    templates: templates.filter((_, index) => fields[index] === undefined),
    constants: relaxFields([
      ...fields.flatMap((field) => (field === undefined || field === "" ? [] : [field])),
      "MIME-Version: 1.0\r\n",
      ...usual.flatMap(([name, value]) =>
        value === "" || own.has(name.toLowerCase()) ? [] : [formatTextHeader(name, value)],
      ),
    ]),
    hasUnsubscribe,
    needsSmtpUtf8: needsSmtpUtf8(from) || needsSmtpUtf8(replyTo),
  };
}

/** The field of a template without values; undefined when it has some, empty when nothing is left of it. */
function writeTemplate(template: HeaderTemplate): string | undefined {
  const texts = template.pieces.map((piece) => ("text" in piece ? piece.text : undefined));
  return texts.every((text) => text !== undefined) ? formatTemplate(template, texts.join("")) : undefined;
}

/** A template's field with its text; empty when nothing is left of it. */
export function formatTemplate(template: HeaderTemplate, text: string): string {
  switch (template.kind) {
    case "mailbox":
      return formatMailboxHeader(template.name, { name: text, address: template.address });
    case "structured":
      return formatStructuredHeader(template.name, text) ?? "";
    case "text":
      return formatTextHeader(template.name, text);
  }
}

/** Mail providers group complaints by its parts, the last of which names the sender. */
function feedbackId({ deliveryId, instance, fromAddress }: HeaderFacts): string {
  const domain = toWireAddress(`x@${fromAddress.slice(fromAddress.lastIndexOf("@") + 1)}`).slice(2);
  return `${deliveryId}:${instance}:campaign:${domain.replace(/[^A-Za-z0-9.-]/g, "")}`;
}
