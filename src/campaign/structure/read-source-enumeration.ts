/** Reads an enumeration of a schema that an operator wrote. */

import { extensionInvalid } from "#datamodel/extension/errors.ts";
import { childrenOf, type XmlElement } from "#protocols/soap/xml-element.ts";
import type { Enumeration, EnumerationValue } from "#schemas/enumeration.ts";

import type { Reading } from "./read-source-schema.ts";

/** A table that operators maintain is no enumeration. */
const mostValues = 1_000;

/**
 * Reads `<enumeration>`; a value without `value` is its name, or for numbers the name read as one.
 * @throws extensionInvalid
 */
export function readSourceEnumeration(reading: Reading, element: XmlElement): Enumeration {
  const name = element.attributes.get("name") ?? "";
  const isText = ["", "string", "MNTOKEN"].includes(element.attributes.get("basetype") ?? "");
  const fail = (problem: string): Error =>
    extensionInvalid({ schema: reading.id, problem: `the enumeration ${name} ${problem}` });
  if (!/^[A-Za-z]\w{0,39}$/.test(name)) throw fail("needs a name of letters and digits");
  const values = childrenOf(element).map((child): EnumerationValue => {
    if (child.name !== "value") throw fail(`holds <${child.name}>`);
    const valueName = child.attributes.get("name") ?? "";
    const text = child.attributes.get("value") ?? valueName;
    if (valueName === "") throw fail("has a value without a name");
    if (!isText && !/^-?\d{1,15}$/.test(text))
      throw fail(`has a value '${text.slice(0, 30)}', which is no whole number`);
    return { name: valueName, value: isText ? text : Number(text), label: child.attributes.get("label") || valueName };
  });
  if (values.length === 0 || values.length > mostValues) throw fail(`has ${values.length} values`);
  for (const key of ["name", "value"] as const)
    if (new Set(values.map((value) => value[key])).size < values.length)
      throw fail(`has two values with the same ${key}`);
  return { name, values };
}
