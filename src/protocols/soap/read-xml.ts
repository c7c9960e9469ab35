/**
 * Reads XML that a stranger sent: strict, with namespaces, without DTD, and within limits of depth, attributes and references.
 * Nothing is ever fetched and no entity but XML's own five is known.
 */

import { SaxesParser, type SaxesTagNS } from "saxes";

import { SoapError } from "./soap-error.ts";
import type { XmlElement } from "./xml-element.ts";

export type XmlLimits = {
  readonly maxDepth: number;
  /** Per element. */
  readonly maxAttributes: number;
  /** In the whole document: an element of four bytes takes three hundred in memory. */
  readonly maxElements: number;
  /** Numeric references (`&#233;`) in the whole document: each costs more to read than a character. */
  readonly maxReferences: number;
};

export const defaultXmlLimits: XmlLimits = {
  maxDepth: 200,
  maxAttributes: 1_000,
  maxElements: 500_000,
  maxReferences: 200_000,
};

/** Attributes of these namespaces say how a value is written; they are no data. */
const encodingNamespaces = new Set(["http://www.w3.org/2000/xmlns/", "http://www.w3.org/2001/XMLSchema-instance"]);

type OpenElement = {
  name: string;
  namespace: string;
  attributes: ReadonlyMap<string, string>;
  content: (XmlElement | string)[];
};

/**
 * Reads a document.
 * @returns its root element
 * @throws SoapError
 */
export function readXml(text: string, limits: XmlLimits = defaultXmlLimits): XmlElement {
  refuseManyReferences(text, limits.maxReferences);
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let attributesOfTag = 0;
  let elements = 0;

  const addText = (piece: string): void => void open.at(-1)?.content.push(piece);
  parser.on("doctype", () => {
    throw new SoapError("invalid", "a document type declaration (DOCTYPE) is not accepted");
  });
  parser.on("opentagstart", () => {
    if (open.length >= limits.maxDepth)
      throw new SoapError("too_complex", `it has more than ${limits.maxDepth} levels`);
    attributesOfTag = 0;
    elements += 1;
    if (elements > limits.maxElements)
      throw new SoapError("too_complex", `it has more than ${limits.maxElements} elements`);
  });
  parser.on("attribute", () => {
    attributesOfTag += 1;
    if (attributesOfTag > limits.maxAttributes)
      throw new SoapError("too_complex", `it has more than ${limits.maxAttributes} attributes of one element`);
  });
  parser.on("opentag", (tag) => {
    const element: OpenElement = { name: tag.local, namespace: tag.uri, attributes: readAttributes(tag), content: [] };
    open.at(-1)?.content.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on("closetag", () => void open.pop());
  parser.on("text", addText);
  parser.on("cdata", addText);

  try {
    parser.write(text).close();
  } catch (error) {
    throw error instanceof SoapError
      ? error
      : new SoapError("invalid", printable(error instanceof Error ? error.message : ""));
  }
  if (root === undefined) throw new SoapError("invalid", "it holds no element");
  return root;
}

const noAttributes: ReadonlyMap<string, string> = new Map();

function readAttributes(tag: SaxesTagNS): ReadonlyMap<string, string> {
  const all = Object.values(tag.attributes).filter(
    ({ uri, prefix, local }) => !encodingNamespaces.has(uri) && !(prefix !== "" && local === "encodingStyle"),
  );
  if (all.length === 0) return noAttributes;
  const attributes = new Map(all.filter(({ prefix }) => prefix !== "").map(({ local, value }) => [local, value]));
  // A name without a prefix is the entity's own, and wins over a foreign one of the same local name.
  for (const { prefix, local, value } of all) if (prefix === "") attributes.set(local, value);
  return attributes;
}

function refuseManyReferences(text: string, limit: number): void {
  let count = 0;
  for (let at = text.indexOf("&#"); at !== -1; at = text.indexOf("&#", at + 2)) {
    count += 1;
    if (count > limit) throw new SoapError("too_complex", `it has more than ${limit} numeric references`);
  }
}

/** The parser's own sentence may quote the document: cut, and without line breaks. */
function printable(reason: string): string {
  return reason
    .replace(/[^\x20-\x7e]+/g, " ")
    .slice(0, 200)
    .replace(/\.$/, "");
}
