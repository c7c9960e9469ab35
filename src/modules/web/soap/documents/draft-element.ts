/** An element while it grows: values that stand below the same path meet in it. */

import type { XmlElement } from "#protocols/soap/xml-element.ts";

export type Draft = {
  readonly isDraft: true;
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly content: (Draft | XmlElement | string)[];
};

/** An empty element. */
export function aDraft(name: string): Draft {
  return { isDraft: true, name, attributes: new Map(), content: [] };
}

/** The element of a name within another, made where there is none. */
export function childDraft(parent: Draft, name: string): Draft {
  const known = parent.content.find((node): node is Draft => isDraft(node) && node.name === name);
  if (known !== undefined) return known;
  const made = aDraft(name);
  parent.content.push(made);
  return made;
}

/** The element as it is now. */
export function finish({ name, attributes, content }: Draft): XmlElement {
  return { name, namespace: "", attributes, content: content.map((node) => (isDraft(node) ? finish(node) : node)) };
}

function isDraft(node: Draft | XmlElement | string): node is Draft {
  return typeof node !== "string" && "isDraft" in node;
}
