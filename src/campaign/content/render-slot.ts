/** Renders what stands in a slot of a message: values, links, the open pixel, the unsubscription's address. */

import { makeTrackingPath } from "#protocols/tracking-link/make-tracking-path.ts";
import { openUrlId } from "#protocols/tracking-link/tracking-link.ts";

import type { CompiledDelivery, HeaderTemplate, MessageRecipient, Slot, ValueSource } from "./compiled-message.ts";
import { contentNotRendered } from "./errors.ts";
import { escapeHtml, escapeValue } from "./escape-value.ts";
import type { ScriptedText } from "./script/compiled-script.ts";
import { type WrittenPart, writeScripted } from "./script/write-scripted.ts";

/** What is known of a message before it is written. */
export type MessageFacts = {
  readonly delivery: CompiledDelivery;
  readonly recipient: MessageRecipient;
  readonly to: string;
  readonly messageId: string;
  readonly returnPath: string;
  readonly unsubscribeUrl: string;
  /** Where a mail with the subject unsubscribe goes. */
  readonly unsubscribeAddress: string;
};

/** The text of a slot, escaped for its place; of a part with scripts its bytes. */
export function renderSlot(slot: Slot, message: MessageFacts): string | WrittenPart {
  return slot.kind === "scripted" ? renderScripted(slot, message) : renderText(slot, message);
}

function renderScripted(slot: Extract<Slot, { kind: "scripted" }>, message: MessageFacts): WrittenPart {
  return writeScripted(slot, {
    rendered: message.recipient.rendered,
    slot: (inner) => (inner.kind === "scripted" ? "" : renderText(inner, message)),
    link: ({ urlId, content, values }, texts) => {
      const rest = [...texts];
      const read = values.map((value) => (value === undefined ? (rest.shift() ?? null) : readValue(value, message)));
      return writeLink(message, content, urlId, read);
    },
  });
}

function renderText(slot: Exclude<Slot, { kind: "scripted" }>, message: MessageFacts): string {
  switch (slot.kind) {
    case "value":
      return escapeValue(readValue(slot.value, message), slot.place);
    case "link":
      return writeLink(
        message,
        slot.content,
        slot.urlId,
        slot.values.map((source) => readValue(source, message)),
      );
    case "openPixel":
      return writeLink(message, "h", openUrlId, []);
    case "unsubscribe":
      return slot.content === "h" ? escapeHtml(message.unsubscribeUrl) : message.unsubscribeUrl;
  }
}

function writeLink(
  message: MessageFacts,
  content: "h" | "t",
  urlId: number,
  given: readonly (string | null)[],
): string {
  const { identity, deliveryId } = message.delivery;
  const values = given.map((value) => escapeValue(value, "urlParameter"));
  const path = makeTrackingPath(identity.linkKey, {
    contentType: content,
    broadLogId: message.recipient.broadLogId,
    deliveryId,
    urlId,
    values,
  });
  const url = identity.publicUrl + path;
  return content === "h" ? escapeHtml(url) : url;
}

function readValue(source: ValueSource, message: MessageFacts): string | null {
  switch (source.object) {
    case "recipient":
      return message.recipient.fields[source.index] ?? null;
    case "message":
      return readOwn(source.name, message);
    case "constant":
      return source.text;
  }
}

function readOwn(
  name: Extract<ValueSource, { object: "message" }>["name"],
  { recipient, messageId, returnPath }: MessageFacts,
): string {
  switch (name) {
    case "id":
      return String(recipient.broadLogId);
    case "mimeMessageId":
      return messageId;
    case "errorAddress":
      return returnPath;
  }
}

/** A header's text with its values. In one for programs they are parts of addresses. */
export function renderHeader({ kind, pieces }: Pick<HeaderTemplate, "kind" | "pieces">, message: MessageFacts): string {
  return pieces
    .map((piece): string => {
      if ("text" in piece) return piece.text;
      if ("script" in piece) return renderScriptedText(kind, piece.script, message);
      const value = readValue(piece.value, message);
      if (kind !== "structured") return escapeValue(value, "plainText");
      return piece.value.object === "recipient"
        ? escapeValue(value, "urlParameter")
        : escapeValue(value, "plainText").replace(/[<>]/g, "");
    })
    .join("");
}

function renderScriptedText(
  kind: HeaderTemplate["kind"],
  { part, entries }: ScriptedText,
  message: MessageFacts,
): string {
  const answer = message.recipient.rendered?.[part];
  if (answer === undefined) throw contentNotRendered();
  let text = "";
  for (let at = 0; at < answer.length; at += 1) {
    const entry = entries[Number(answer[at])];
    if (entry === undefined) throw contentNotRendered();
    if (entry.kind === "run") text += renderHeader({ kind, pieces: entry.pieces }, message);
    else text += escapeValue(String(answer[(at += 1)] ?? ""), kind === "structured" ? "urlParameter" : "plainText");
  }
  return text;
}
