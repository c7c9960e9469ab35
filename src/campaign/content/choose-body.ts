/** Chooses what a recipient gets: one part or two, with images or with links to them. Each form is encoded when it is first needed. */

import type { messageFormats } from "#schemas/codes.ts";

import { type BodyNode, type BodyPart, type BodyPiece, compileBody } from "./compile-body.ts";
import type { ChooseBody, CompiledBody, Slot } from "./compiled-message.ts";
import { type EmailFormat, type EmailFormatRule, openEmailFormats } from "./email-format.ts";
import { escapeHtml } from "./escape-value.ts";
import type { ScriptDraft } from "./script/draft-script.ts";
import { encodeScripted } from "./script/encode-scripted.ts";

/** A part whose images are still to be chosen. */
export type DraftPart = {
  readonly contentType: string;
  readonly pieces: readonly (BodyPiece | { readonly image: string })[];
  /** The part holds scripts: it stands here instead of pieces. */
  readonly script?: ScriptDraft;
};

/** An image of ours, encoded as a part of the message. */
export type EmbeddableImage = {
  readonly contentId: string;
  readonly bytes: Buffer;
  /** The content names it by `cid:`: there is no address it could have otherwise. */
  readonly isAlwaysEmbedded: boolean;
};

export type BodyMaterial = {
  readonly deliveryId: number;
  readonly html: DraftPart | undefined;
  readonly text: DraftPart | undefined;
  /** Encoded files. */
  readonly attachments: readonly Buffer[];
  /** By the address that stands in the content. */
  readonly images: ReadonlyMap<string, EmbeddableImage>;
  readonly rules: readonly EmailFormatRule[];
  readonly messageFormat: keyof typeof messageFormats;
  readonly hasEmbeddedImages: boolean;
};

type Form = { readonly structure: EmailFormat["structure"]; readonly isRelated: boolean; readonly embeds: boolean };

/** Opens the bodies of a delivery. At least one of its parts must be there. */
export function openBodies(material: BodyMaterial): ChooseBody {
  const formatOf = openEmailFormats(material.rules);
  const made = new Map<string, CompiledBody>();
  return ({ address, emailFormat }) => {
    const format = formatOf(address.slice(address.lastIndexOf("@") + 1).toLowerCase());
    const form: Form = {
      structure: chooseStructure(material, format, emailFormat),
      isRelated: format.isRelated,
      embeds: format.hasEmbeddedImages || material.hasEmbeddedImages,
    };
    const key = `${form.structure} ${form.isRelated} ${form.embeds}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const body = compileBody(buildTree(material, form));
    made.set(key, body);
    return body;
  };
}

/** Text for all, or for a domain, holds; else the recipient's wish does, in Classic's numbers 1 text, 2 HTML. */
function chooseStructure(
  { html, text, messageFormat }: BodyMaterial,
  { structure }: EmailFormat,
  emailFormat: number,
): EmailFormat["structure"] {
  if (html === undefined) return "text";
  if (text === undefined) return "html";
  if (messageFormat === "text" || structure === "text") return "text";
  if (messageFormat === "preference" && emailFormat === 1) return "text";
  if (messageFormat === "preference" && emailFormat === 2) return "html";
  return structure;
}

/** mixed(alternative(text, related(html, images)), attachments), without the levels that hold one thing only. */
function buildTree(material: BodyMaterial, form: Form): BodyNode {
  const text = material.text && textNode(material.text);
  const html = form.structure === "text" ? undefined : material.html && htmlNode(material, material.html, form);
  const both = form.structure === "multipart" && text !== undefined && html !== undefined;
  const content = both ? multipart("alternative", material, [text, html]) : (html ?? text);
  if (content === undefined) throw new TypeError("a body without any part");
  return material.attachments.length === 0
    ? content
    : multipart("mixed", material, [content, ...material.attachments.map(fileNode)]);
}

function htmlNode(material: BodyMaterial, html: DraftPart, form: Form): BodyNode {
  const used = new Map<string, Buffer>();
  const node = textNode(html, (url) => {
    const image = material.images.get(url);
    if (image === undefined || !(form.embeds || image.isAlwaysEmbedded)) return escapeHtml(url);
    used.set(image.contentId, image.bytes);
    return `cid:${image.contentId}`;
  });
  return used.size === 0 && !form.isRelated
    ? node
    : multipart("related", material, [node, ...[...used.values()].map(fileNode)]);
}

function textNode(
  { contentType, pieces, script }: DraftPart,
  addressOf: (url: string) => string = escapeHtml,
): BodyNode {
  const part: BodyPart = {
    contentType,
    pieces: pieces.map((piece): { readonly text: string } | { readonly slot: Slot } =>
      "image" in piece ? { text: addressOf(piece.image) } : piece,
    ),
    scripted: script && encodeScripted(script, addressOf),
  };
  return { kind: "text", part };
}

function fileNode(bytes: Buffer): BodyNode {
  return { kind: "file", bytes };
}

/** A boundary holds `=_`, which neither quoted-printable text nor base64 ever does, and none begins another. */
function multipart(
  kind: "alternative" | "related" | "mixed",
  { deliveryId }: BodyMaterial,
  children: readonly BodyNode[],
): BodyNode {
  return {
    kind: "multipart",
    subtype: kind === "related" ? 'related;\r\n type="text/html"' : kind,
    boundary: `=_${kind}_${deliveryId.toString(16)}`,
    children,
  };
}
