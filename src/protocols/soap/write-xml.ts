/** Writes elements as XML 1.0 that any parser accepts, whatever the values hold. */

import type { XmlElement } from "./xml-element.ts";

/** Writes an element and all below it, without prefixes. */
export function writeXml(element: XmlElement): string {
  const pieces: string[] = [];
  write(element, pieces);
  return pieces.join("");
}

/** An answer has thousands of values: their pieces are joined once, not at each level. */
function write({ name, attributes, content }: XmlElement, pieces: string[]): void {
  pieces.push("<", name);
  for (const [attribute, value] of attributes) pieces.push(" ", attribute, '="', escapeAttribute(value), '"');
  if (content.length === 0) {
    pieces.push("/>");
    return;
  }
  pieces.push(">");
  for (const node of content) {
    if (typeof node === "string") pieces.push(escapeText(node));
    else write(node, pieces);
  }
  pieces.push("</", name, ">");
}

/** Escapes text; what XML 1.0 cannot hold is dropped, a lone surrogate becomes U+FFFD. */
export function escapeText(text: string): string {
  if (isPlain(text)) return text;
  return clean(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}

function escapeAttribute(text: string): string {
  if (isPlain(text)) return text;
  return escapeText(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}

/** Most values hold nothing that needs a second look. */
function isPlain(text: string): boolean {
  return !/[^ !#-%'-;=?-~\u00a0-\ud7ff]/.test(text);
}

function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- naming the characters that XML 1.0 excludes is the purpose
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
}
