/** The types of SOAP parameters: how each is read from a request and written in an answer. */

import { SoapError } from "./soap-error.ts";
import { childrenOf, textOf, type XmlElement } from "./xml-element.ts";

type ValueByType = {
  string: string;
  memo: string;
  primarykey: string;
  boolean: boolean;
  byte: number;
  short: number;
  long: number;
  int64: bigint;
  float: number;
  double: number;
  /** Undefined when empty. */
  datetime: Date | undefined;
  /** `YYYY-MM-DD`, undefined when empty: a day, not a moment. */
  date: string | undefined;
  /** The element within the parameter's own; undefined when there is none. */
  DOMElement: XmlElement | undefined;
  DOMDocument: XmlElement | undefined;
};
export type ParameterType = keyof ValueByType;
export type ValueOf<T extends ParameterType> = ValueByType[T];
export type ParameterValue = ValueByType[ParameterType];

type TypeRule<T extends ParameterType> = {
  /** What the client compares literally in an answer. */
  readonly xsiType: string;
  readonly read: (text: string, element: XmlElement) => ValueOf<T> | Unreadable;
  readonly write: (value: ValueOf<T>) => string | XmlElement;
};

const unreadable = Symbol("unreadable");
type Unreadable = typeof unreadable;

const asText = { read: (text: string) => text, write: (value: string) => value };

const rules: { readonly [T in ParameterType]: TypeRule<T> } = {
  string: { xsiType: "xsd:string", ...asText },
  memo: { xsiType: "xsd:string", ...asText },
  primarykey: { xsiType: "xsd:primarykey", ...asText },
  boolean: { xsiType: "xsd:boolean", read: readBoolean, write: String },
  byte: { xsiType: "xsd:byte", read: readWhole(8), write: String },
  short: { xsiType: "xsd:short", read: readWhole(16), write: String },
  long: { xsiType: "xsd:int", read: readWhole(32), write: String },
  int64: { xsiType: "xsd:long", read: readInt64, write: String },
  float: { xsiType: "xsd:float", read: readDouble, write: (value) => String(Math.fround(value)) },
  double: { xsiType: "xsd:double", read: readDouble, write: String },
  datetime: { xsiType: "xsd:dateTime", read: readMoment, write: (value) => value?.toISOString() ?? "" },
  date: { xsiType: "xsd:date", read: readDay, write: (value) => value ?? "" },
  DOMElement: { xsiType: "ns:Element", read: readElement, write: (value) => value ?? "" },
  DOMDocument: { xsiType: "ns:Element", read: readElement, write: (value) => value ?? "" },
};

/**
 * Reads one parameter of a request; a missing one is the type's empty value, as clients leave trailing ones out.
 * @throws SoapError
 */
export function readParameter<T extends ParameterType>(
  type: T,
  name: string,
  element: XmlElement | undefined,
): ValueOf<T> {
  const given = element ?? { name, namespace: "", attributes: new Map(), content: [] };
  const value = rules[type].read(textOf(given), given);
  if (value === unreadable) throw new SoapError("parameter", `the parameter '${name}' is not of type ${type}`);
  return value;
}

/** Writes one value of an answer: its `xsi:type`, and the text or element that stands for it. */
export function writeParameter<T extends ParameterType>(
  type: T,
  value: ValueOf<T>,
): { xsiType: string; content: string | XmlElement } {
  return { xsiType: rules[type].xsiType, content: rules[type].write(value) };
}

/** True for the types whose value is an element. */
export function isDocumentType(type: ParameterType): boolean {
  return type === "DOMElement" || type === "DOMDocument";
}

function readBoolean(text: string): boolean | Unreadable {
  const word = text.trim();
  if (word === "" || word === "false" || word === "0") return false;
  return word === "true" || word === "1" ? true : unreadable;
}

function readWhole(bits: number): (text: string) => number | Unreadable {
  const bound = 2 ** (bits - 1);
  return (text) => {
    const value = Number(text.trim());
    return /^\s*-?\d{0,12}\s*$/.test(text) && value >= -bound && value < bound ? value : unreadable;
  };
}

function readInt64(text: string): bigint | Unreadable {
  if (!/^\s*-?\d{0,19}\s*$/.test(text) || text.trim() === "-") return unreadable;
  const value = BigInt(text.trim() || "0");
  return BigInt.asIntN(64, value) === value ? value : unreadable;
}

function readDouble(text: string): number | Unreadable {
  const value = Number(text.trim());
  return Number.isFinite(value) && /^\s*[-+\d.eE]*\s*$/.test(text) ? value : unreadable;
}

const momentPattern = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

function readMoment(text: string): Date | undefined | Unreadable {
  const word = text.trim();
  if (word === "") return undefined;
  // A moment without a zone is one of UTC: the server's own zone must not change what a client means.
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(word.slice(10)) ? word : `${word}${word.length > 10 ? "Z" : "T00:00:00Z"}`;
  const value = new Date(zoned.replace(" ", "T"));
  return momentPattern.test(word) && !Number.isNaN(value.getTime()) ? value : unreadable;
}

function readDay(text: string): string | undefined | Unreadable {
  const moment = readMoment(text);
  return moment instanceof Date ? text.trim().slice(0, 10) : moment;
}

function readElement(_: string, element: XmlElement): XmlElement | undefined | Unreadable {
  const [root, second] = childrenOf(element);
  return second === undefined ? root : unreadable;
}
