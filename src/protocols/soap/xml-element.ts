/** XML as plain values: what a message holds once it has been read, and what answers are made of. */

export type XmlElement = {
  /** Local name: prefixes differ between clients and mean nothing. */
  readonly name: string;
  readonly namespace: string;
  /** By local name; a map, so that no name can reach an object's prototype. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Text and elements in the order of the document. */
  readonly content: readonly (XmlElement | string)[];
};

/** The elements directly below an element. */
export function childrenOf(element: XmlElement): XmlElement[] {
  return element.content.filter((node) => typeof node !== "string");
}

/** The first element of a name directly below an element. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return childrenOf(element).find((child) => child.name === name);
}

/** The text directly below an element, sections joined. */
export function textOf(element: XmlElement): string {
  return element.content.filter((node) => typeof node === "string").join("");
}

/**
 * Makes an element for an answer.
 * @param attributes written in the order given; undefined ones are left out
 */
export function anElement(
  name: string,
  attributes: { readonly [name: string]: string | number | boolean | undefined } = {},
  ...content: readonly (XmlElement | string)[]
): XmlElement {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return { name, namespace: "", attributes: new Map(given.map(([key, value]) => [key, String(value)])), content };
}
