/** JSON as plain values that no name in a document can do harm to: an object is a map. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** True for an object. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

/** True for a list. */
export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The JSON text of a value. */
export function writeJson(value: Json): string {
  if (isJsonList(value)) return `[${value.map(writeJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  return `{${[...value].map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(",")}}`;
}

/** What a value is, in words. */
export function kindOfJson(value: Json): string {
  if (value === null) return "null";
  if (isJsonList(value)) return "a list";
  if (isJsonObject(value)) return "an object";
  return { boolean: "true or false", number: "a number", string: "a text" }[
    typeof value as "boolean" | "number" | "string"
  ];
}
