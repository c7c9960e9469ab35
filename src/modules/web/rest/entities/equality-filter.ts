/** `?email=ann@example.com`: the simple filters of a list, one parameter for each field. */

import { isPostriderError } from "#foundation/errors.ts";
import { readValue } from "#datamodel/write/parse-value.ts";
import type { Field } from "#schemas/fields.ts";
import type { AttributeType, Schema } from "#schemas/schema.ts";

import type { FieldError } from "../refusal.ts";
import type { Reach } from "./reach.ts";
import { resolvePath } from "./resolve-path.ts";

type Value = string | number | boolean | Date;
type Filter = { readonly expr: string; readonly parameters: Readonly<Record<string, Value>> };

/** The most values of one field that a list may be filtered by. */
const mostValues = 200;

/** Types that nothing can be compared with. */
const uncomparable = new Set<AttributeType>(["blob", "json", "xml"]);

/**
 * A condition on one field. Several values: one of them; an empty one: the field is empty.
 * @param prefix what the condition's parameters are called
 */
export function equalityFilter(
  reach: Reach,
  schema: Schema,
  name: string,
  texts: readonly string[],
  prefix: string,
): Filter | { readonly error: FieldError } {
  const found = resolvePath(reach, schema, name);
  const field = name.slice(0, 100);
  if (found === undefined || uncomparable.has(found.field.type))
    return { error: { field, message: "There is no parameter and no field of this name to filter by." } };
  if (texts.length > mostValues) return { error: { field, message: `It has more than ${mostValues} values.` } };
  const given = texts.filter((text) => text !== "");
  const values: Value[] = [];
  for (const text of given) {
    const value = readText(found.field, text);
    if (typeof value === "object" && "problem" in value) return { error: { field, message: value.problem } };
    values.push(value);
  }
  const parameters = Object.fromEntries(values.map((value, index) => [`${prefix}${index}`, value]));
  const [first, ...more] = Object.keys(parameters).map((key) => written(found.field.type, key));
  const isEmpty = `[${found.written}] IS NULL`;
  if (first === undefined) return { expr: isEmpty, parameters };
  const equals =
    more.length === 0 ? `[${found.written}] = ${first}` : `[${found.written}] IN (${[first, ...more].join(", ")})`;
  return { expr: given.length < texts.length ? `(${equals} OR ${isEmpty})` : equals, parameters };
}

function readText(field: Field, text: string): Value | { problem: string } {
  // A computed field is read as a plain one of its type.
  const { type, label } = field;
  const declaration = field.kind === "computed" ? { type, label } : field.declaration;
  try {
    const value = readValue(field.path, declaration, text, {});
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value instanceof Date)
      return value;
    return { problem: "It cannot be compared with." };
  } catch (error) {
    if (isPostriderError(error)) return { problem: error.message };
    throw error;
  }
}

function written(type: AttributeType, key: string): string {
  return type === "date" ? `$date(${key})` : `$(${key})`;
}
