/** Writes elements as XML 1.0 that any parser accepts, whatever the values hold. */

import type { XmlElement } from "./xml-element.ts";

/** Writes an element and all below it, without prefixes. */
export function writeXml(element: XmlElement): string {
  const attributes = [...element.attributes].map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`).join("");
  if (element.content.length === 0) return `<${element.name}${attributes}/>`;
  const content = element.content
    .map((node) => (typeof node === "string" ? escapeText(node) : writeXml(node)))
    .join("");
  return `<${element.name}${attributes}>${content}</${element.name}>`;
}

/** Escapes text; what XML 1.0 cannot hold is dropped, a lone surrogate becomes U+FFFD. */
export function escapeText(text: string): string {
  return clean(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}

function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- naming the characters that XML 1.0 excludes is the purpose
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
}
