/** Insists on a document that a method cannot do without. */

import type { XmlElement } from "#protocols/soap/xml-element.ts";
import { SoapError } from "#protocols/soap/soap-error.ts";

/** @throws SoapError */
export function requireDocument(document: XmlElement | undefined, name: string): XmlElement {
  if (document === undefined) throw new SoapError("parameter", `the parameter '${name}' holds no element`);
  return document;
}
