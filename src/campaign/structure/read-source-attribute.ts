/** Reads one field of a schema that an operator wrote. */

import { extensionInvalid } from "#datamodel/extension/errors.ts";
import type { SourceAttribute } from "#datamodel/extension/source-schema.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";
import type { Enumeration } from "#schemas/enumeration.ts";
import type { AttributeType } from "#schemas/schema.ts";

import type { Reading } from "./read-source-schema.ts";

/** Classic's types, and what each is here. */
const types: ReadonlyMap<string, AttributeType> = new Map([
  ["", "string"],
  ["string", "string"],
  ["MNTOKEN", "string"],
  ["memo", "memo"],
  ["CDATA", "memo"],
  ["html", "memo"],
  ["boolean", "boolean"],
  ["byte", "byte"],
  ["short", "short"],
  ["long", "long"],
  ["int", "long"],
  ["int64", "int64"],
  ["float", "double"],
  ["double", "double"],
  ["percent", "double"],
  ["date", "date"],
  ["datetime", "datetime"],
  ["datetimetz", "datetime"],
  ["datetimenotz", "datetime"],
  ["time", "time"],
  ["timespan", "timespan"],
  ["uuid", "uuid"],
]);

/** Types whose empty value is 0 and that are never null. */
const neverNull: ReadonlySet<AttributeType> = new Set(["boolean", "byte", "short", "long", "int64", "double"]);

/**
 * Reads `<attribute>`, or an `<element>` that holds a value.
 * @throws extensionInvalid
 */
export function readSourceAttribute(reading: Reading, element: XmlElement, path: string): void {
  const type = typeOf(reading, element, path);
  const label = given(element, "label") || path;
  const description = given(element, "desc");
  const told = { label, ...(description === "" ? {} : { description }) };
  const expression = given(element, "expr");
  if (expression !== "") {
    reading.computedFields.set(path, { type, ...told, expression });
    return;
  }
  const attribute = { type, ...told, ...restOf(reading, element, path, type) };
  if (given(element, "xml") === "true" || type === "xml") reading.dataFields.set(path, attribute);
  else reading.attributes.set(path, attribute);
}

function typeOf(reading: Reading, element: XmlElement, path: string): AttributeType {
  const word = given(element, "type");
  const isDocument = element.name === "element" && given(element, "xml") === "true";
  const type = isDocument && (word === "" || word === "ANY") ? "xml" : types.get(word);
  if (type === undefined)
    throw problem(
      reading,
      `${path} is of the type '${word.slice(0, 30)}', which a field cannot have; known are ${[...types.keys()].filter(Boolean).join(", ")}`,
    );
  for (const word of ["sqlname", "sqlDefault"])
    if (element.attributes.has(word)) throw problem(reading, `${word} of ${path} has no effect here`);
  return type;
}

function restOf(reading: Reading, element: XmlElement, path: string, type: AttributeType): Partial<SourceAttribute> {
  const enumeration = enumerationOf(reading, element, path);
  const length = given(element, "length");
  if (length !== "" && !/^[1-9]\d{0,5}$/.test(length))
    throw problem(reading, `the length of ${path} is no number of characters`);
  const openEnumeration = given(element, "userEnum") || given(element, "dbEnum");
  const isRequired = given(element, "required") === "true";
  const value =
    defaultOf(reading, element, path, type, enumeration) ??
    (isRequired || neverNull.has(type) ? emptyOf(type) : undefined);
  return {
    ...(type === "string" ? { length: length === "" ? 255 : Number(length) } : {}),
    ...(enumeration === undefined ? {} : { enumeration }),
    ...(openEnumeration === "" ? {} : { openEnumeration }),
    ...(value === undefined ? {} : { default: value }),
    ...(isRequired ? { required: true as const } : {}),
    ...(element.name === "element" ? { isElement: true as const } : {}),
    ...(given(element, "defOnDuplicate") === "true" ? { isResetByCopy: true as const } : {}),
  };
}

function enumerationOf(reading: Reading, element: XmlElement, path: string): Enumeration | undefined {
  const name = given(element, "enum");
  if (name === "") return undefined;
  const own = name.startsWith(`${reading.id}:`) ? name.slice(reading.id.length + 1) : name;
  const found =
    reading.enumerations.get(own) ??
    reading.findEnumeration(name.includes(":") ? name : `${reading.extendedSchema ?? reading.id}:${name}`);
  if (found === undefined) throw problem(reading, `the enumeration ${name} of ${path} does not exist`);
  return found;
}

/** Classic's defaults are expressions; here they are constants, or the moment of writing. */
function defaultOf(
  reading: Reading,
  element: XmlElement,
  path: string,
  type: AttributeType,
  enumeration: Enumeration | undefined,
): string | number | boolean | undefined {
  const text = given(element, "default");
  if (text === "") return undefined;
  const named = enumeration?.values.find(({ name }) => name === text.replace(/^'(.*)'$/, "$1"));
  if (named !== undefined) return named.value;
  if (type === "datetime" && /^getdate\(\)$/i.test(text)) return "now";
  const quoted = /^'((?:[^'\\]|\\.)*)'$/.exec(text)?.[1]?.replaceAll(/\\(.)/g, "$1");
  if ((type === "string" || type === "memo") && quoted !== undefined) return quoted;
  if (type === "boolean" && /^(true|false|0|1)$/.test(text)) return text === "true" || text === "1";
  if (neverNull.has(type) && type !== "boolean" && /^-?\d{1,15}(\.\d{1,9})?$/.test(text))
    return fitting(reading, path, type, Number(text));
  throw problem(
    reading,
    `the default of ${path} is neither a constant such as 'text' or 12, nor GetDate() for a datetime`,
  );
}

const widest: { readonly [T in AttributeType]?: number } = {
  byte: 127,
  short: 32_767,
  long: 2_147_483_647,
  int64: Number.MAX_SAFE_INTEGER,
};

function fitting(reading: Reading, path: string, type: AttributeType, value: number): number {
  const limit = widest[type];
  if (limit !== undefined && (!Number.isInteger(value) || Math.abs(value) > limit))
    throw problem(reading, `the default of ${path} is no ${type}`);
  return value;
}

function emptyOf(type: AttributeType): string | number | boolean | undefined {
  if (type === "boolean") return false;
  if (neverNull.has(type)) return 0;
  return type === "string" || type === "memo" ? "" : undefined;
}

function given(element: XmlElement, name: string): string {
  return element.attributes.get(name)?.trim() ?? "";
}

function problem({ id }: Reading, text: string): Error {
  return extensionInvalid({ schema: id, problem: text });
}
