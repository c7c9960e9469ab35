/**
 * Reads HTML as far as the content needs it: where each value stands, which addresses are links, where the body ends. It follows the
 * states of the HTML standard's tokenizer; what it does not know it leaves as it is.
 */

import type { Place } from "./compiled-message.ts";
import { decodeEntities } from "./decode-entities.ts";
import { codeMarker, marker } from "./flatten-template.ts";
import { readLink } from "./read-link.ts";
import { isImageReference } from "./image-reference.ts";

export type HtmlScan = {
  /** The place of each marker, in order; undefined where a fault says that it may not stand there, or where it belongs to a link. */
  readonly places: readonly (Place | undefined)[];
  readonly links: readonly HtmlLink[];
  /** Addresses of images that may be files of ours, in order. */
  readonly images: readonly HtmlLink[];
  /**
   * Where each code marker stands, in order: `text`, or the one attribute it is in. Undefined where a fault says that it may not stand
   * there.
   */
  readonly codePlaces: readonly (string | undefined)[];
  /** Where the closing tag of the body begins; the end of the text when there is none. */
  readonly bodyEnd: number;
  readonly faults: readonly { readonly offset: number; readonly problem: string }[];
};

/** A tracked address, the text between the quotes of an href. */
export type HtmlLink = { readonly start: number; readonly end: number; readonly url: string };

/** Attributes whose value is an address; a value in them may only be a parameter. */
const addressAttributes = new Set([
  "href",
  "src",
  "action",
  "formaction",
  "background",
  "poster",
  "cite",
  "data",
  "longdesc",
  "xlink:href",
]);
/** Attributes with a language of their own, which no escaping of a field is safe in. */
const forbiddenAttributes = /^(on.*|style|srcdoc|srcset|sizes)$/;

/**
 * Scans flat HTML.
 * @param isUnsubscribe says of the n-th marker whether it is the unsubscription's address, which may be a whole link
 */
export function scanHtml(html: string, isUnsubscribe: (marker: number) => boolean): HtmlScan {
  const places: (Place | undefined)[] = [];
  const links: HtmlLink[] = [];
  const images: HtmlLink[] = [];
  const codePlaces: (string | undefined)[] = [];
  const faults: { offset: number; problem: string }[] = [];
  let bodyEnd = html.length;

  // Ranges are told in order: each marker is looked for once.
  let nextMarker = html.indexOf(marker);
  let nextCode = html.indexOf(codeMarker);
  /** Gives all markers up to the end of a range one place. */
  const place = (end: number, where: Place | undefined): void => {
    for (; nextMarker >= 0 && nextMarker < end; nextMarker = html.indexOf(marker, nextMarker + 1)) places.push(where);
  };
  /** Gives all code markers up to the end of a range one place; without a place, each is a fault. */
  const placeCode = (end: number, where: string | undefined): void => {
    for (; nextCode >= 0 && nextCode < end; nextCode = html.indexOf(codeMarker, nextCode + 1)) {
      codePlaces.push(where);
      if (where === undefined) faults.push({ offset: nextCode, problem: misplacedCode });
    }
  };
  const refuse = (end: number, problem: string): void => {
    if (nextMarker >= 0 && nextMarker < end) faults.push({ offset: nextMarker, problem });
    place(end, undefined);
    placeCode(end, undefined);
  };

  const onAttribute = (tag: string, { name, start, end, isQuoted }: Attribute): void => {
    const value = html.slice(start, end);
    const hasMarkers = value.includes(marker);
    const isOpen = !forbiddenAttributes.test(name) && !addressAttributes.has(name);
    placeCode(end, isQuoted && isOpen ? `attribute ${start}` : undefined);
    if ((tag === "a" || tag === "area") && name === "href") {
      onLink(start, end, value, isQuoted);
      return;
    }
    if (!hasMarkers) {
      onConstant(tag, name, start, end, value, isQuoted);
      return;
    }
    if (!isQuoted) refuse(end, `The value of ${name} must stand in quotes when it holds a field.`);
    else if (forbiddenAttributes.test(name)) refuse(end, `A field may not stand in the attribute ${name}.`);
    else if (addressAttributes.has(name)) onAddress(end, value);
    else place(end, "attribute");
  };
  const onConstant = (
    tag: string,
    name: string,
    start: number,
    end: number,
    value: string,
    isQuoted: boolean,
  ): void => {
    const isImage = (name === "src" && (tag === "img" || tag === "input")) || name === "background";
    const url = isImage ? decodeEntities(value).trim() : "";
    if (isQuoted && isImageReference(url)) images.push({ start, end, url });
  };
  const onLink = (start: number, end: number, value: string, isQuoted: boolean): void => {
    if (value.trim() === marker && isUnsubscribe(places.length)) {
      place(end, "attribute");
      return;
    }
    const reading = readLink(decodeEntities(value));
    if (reading.kind === "refused") {
      faults.push({ offset: start, problem: reading.problem });
      place(end, undefined);
    } else if (reading.kind === "kept") {
      if (isQuoted) place(end, "urlParameter");
      else refuse(end, "The value of href must stand in quotes when it holds a field.");
    } else {
      links.push({ start, end, url: reading.url });
      if (!isQuoted) faults.push({ offset: start, problem: "The address of a link must stand in quotes." });
      place(end, undefined);
    }
  };
  const onAddress = (end: number, value: string): void => {
    const reading = readLink(decodeEntities(value));
    if (reading.kind === "refused") refuse(end, reading.problem);
    else place(end, "urlParameter");
  };

  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) {
      place(html.length, "htmlText");
      placeCode(html.length, "text");
      break;
    }
    place(open, "htmlText");
    placeCode(open, "text");
    const rest = html.slice(open, open + 300);
    // Outlook's conditional comments hold HTML that Outlook shows: only their brackets are passed over.
    const conditional = /^<!--\[if[^\]]*\]>(<!-->)?|^<!(--)?<?!?\[endif\](--)?>/i.exec(rest);
    if (conditional !== null) {
      at = open + conditional[0].length;
      refuse(at, "A field may not stand in a conditional comment's condition.");
    } else if (rest.startsWith("<!--")) {
      at = endOfComment(html, open);
      placeCode(at, undefined);
      place(at, "htmlText");
    } else if (/^<[!?](?![\ufdd0\ufdd1])/.test(rest)) {
      at = indexAfter(html, ">", open);
      refuse(at, "A field may not stand in a declaration.");
    } else if (/^<\/[a-z]/i.test(rest)) {
      if (/^<\/body[\s>]/i.test(rest)) bodyEnd = open;
      at = indexAfter(html, ">", open);
      refuse(at, "A field may not stand in a closing tag.");
    } else if (/^<[a-z]/i.test(rest)) {
      const tag = readTag(html, open, onAttribute, refuse);
      at = tag.end;
      if (tag.name === "script" || tag.name === "style") {
        const close = indexOfClosingTag(html, tag.name, at);
        refuse(close, `A field may not stand in a ${tag.name}.`);
        at = close;
      }
    } else {
      // What a field says right behind a bracket would become a tag.
      const behind = match(nameBehindBracket, html, open + 1);
      at = open + 1 + behind.length;
      refuse(at, "A field may not stand right behind <.");
    }
  }
  return { places, links, images, codePlaces, bodyEnd, faults };
}

const misplacedCode =
  "A script may stand in the text, or within the quotes of an attribute that is no address. Put the condition around the whole element.";
const nameBehindBracket = new RegExp(`[/!?]?[${marker}${codeMarker}]+`, "y");

type Attribute = { readonly name: string; readonly start: number; readonly end: number; readonly isQuoted: boolean };

/** Reads a tag from its `<`; attributes are told in order, so that markers are too. */
function readTag(
  html: string,
  open: number,
  onAttribute: (tag: string, attribute: Attribute) => void,
  refuse: (end: number, problem: string) => void,
): { readonly name: string; readonly end: number } {
  const name = match(/[^\s/>]*/y, html, open + 1);
  const tag = name.toLowerCase();
  let at = open + 1 + name.length;
  refuse(at, "A field may not stand in a tag's name.");
  while (at < html.length) {
    at += match(/[\s/]*/y, html, at).length;
    if (html[at] === ">") return { name: tag, end: at + 1 };
    const attribute = match(/=?[^\s/>=]*/y, html, at);
    refuse(at + attribute.length, "A field may not stand in a tag outside the quotes of an attribute.");
    at += attribute.length;
    const assignment = match(/\s*=\s*/y, html, at);
    if (assignment === "") continue;
    at += assignment.length;
    const quote = html[at];
    if (quote === '"' || quote === "'") {
      const end = indexOfOr(html, quote, at + 1);
      onAttribute(tag, { name: attribute.toLowerCase(), start: at + 1, end, isQuoted: true });
      at = end + 1;
    } else {
      const value = match(/[^\s>]*/y, html, at);
      onAttribute(tag, { name: attribute.toLowerCase(), start: at, end: at + value.length, isQuoted: false });
      at += value.length;
    }
  }
  return { name: tag, end: html.length };
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

function endOfComment(html: string, open: number): number {
  if (html.startsWith("<!-->", open)) return open + 5;
  if (html.startsWith("<!--->", open)) return open + 6;
  return indexAfter(html, "-->", open + 4);
}

function indexOfClosingTag(html: string, name: string, from: number): number {
  const pattern = new RegExp(`</${name}[\\s/>]`, "gi");
  pattern.lastIndex = from;
  return pattern.exec(html)?.index ?? html.length;
}

function indexAfter(html: string, text: string, from: number): number {
  const found = html.indexOf(text, from);
  return found < 0 ? html.length : found + text.length;
}

function indexOfOr(html: string, text: string, from: number): number {
  const found = html.indexOf(text, from);
  return found < 0 ? html.length : found;
}
