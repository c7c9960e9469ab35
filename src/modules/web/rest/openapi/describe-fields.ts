/** Describes an entity's fields as JSON Schema: as they are answered, and as they may be given. */

import { type Field, fieldsOf } from "#schemas/fields.ts";
import type { Attribute, AttributeType, DataField, Schema } from "#schemas/schema.ts";

import type { ReachedLink } from "../entities/reach.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The entity as it is answered. Which fields there are follows from `fields`, so that none is required. */
export function describeAnswer(schema: Schema, links: readonly ReachedLink[]): JsonSchema {
  const fields = fieldsOf(schema).map((field): Entry => [field.path, answered(field)]);
  const linked = links.map((link): Entry => [link.name, describeLink(link, "It is answered when fields= names it.")]);
  return { ...describeEntity(schema), ...nest([...fields, ...linked]), additionalProperties: true };
}

/** The entity as it may be given; `extras` are taken beside its fields. */
export function describeInput(
  schema: Schema,
  links: readonly ReachedLink[],
  extras: Readonly<Record<string, DataField>>,
): JsonSchema {
  const fields = fieldsOf(schema)
    .filter(isWritable)
    .map((field): Entry => [field.path, given(field.type, field.declaration, field.label)]);
  const more = Object.entries(extras).map(([path, extra]): Entry => [path, given(extra.type, extra, extra.label)]);
  const linked = links.map(
    (link): Entry => [
      link.name,
      describeLink(
        link,
        link.cardinality === "one"
          ? "Name the linked row by one of its keys; null unlinks."
          : "Rows that are stored with this one.",
      ),
    ],
  );
  return { ...describeEntity(schema), ...nest([...fields, ...more, ...linked]) };
}

/** What must be given for a new row. */
export function requiredFields(schema: Schema): string[] {
  return fieldsOf(schema)
    .filter((field) => field.kind === "stored" && isWritable(field) && !field.path.includes("/"))
    .filter(({ declaration }) => "required" in declaration && declaration.required && declaration.default === undefined)
    .map(({ path }) => path)
    .filter((path) => schema.attributes[path]?.sequenceCache === undefined);
}

type Entry = readonly [path: string, described: JsonSchema];

function describeEntity({ labelSingular, description }: Schema): JsonSchema {
  return { title: labelSingular, ...(description === undefined ? {} : { description }) };
}

function isWritable(field: Field): boolean {
  if (field.kind === "computed") return false;
  const { isReadOnly, ...rest } = field.declaration;
  return isReadOnly !== true && !("computed" in rest && rest.computed !== undefined);
}

function answered({ type, label, declaration }: Field): JsonSchema {
  const names = "enumeration" in declaration ? declaration.enumeration?.values.map(({ name }) => name) : undefined;
  const texts = describeTexts(label, declaration.description);
  const isNullable = !isAlwaysSet(declaration);
  // A value that the enumeration does not know is answered as it is stored.
  if (names !== undefined) return { ...texts, anyOf: [{ enum: names }, withNull(forms[type], isNullable)] };
  return { ...texts, ...withNull(forms[type], isNullable) };
}

function given(type: AttributeType, declaration: Field["declaration"], label: string): JsonSchema {
  const texts = describeTexts(label, declaration.description);
  const values = "enumeration" in declaration ? declaration.enumeration?.values : undefined;
  if (values !== undefined)
    return {
      ...texts,
      enum: [...new Set([...values.map(({ name }) => name), ...values.map(({ value }) => value), null])],
    };
  const length = "length" in declaration && declaration.length !== undefined ? { maxLength: declaration.length } : {};
  const initial = "default" in declaration ? plainDefault(type, declaration.default) : {};
  return { ...texts, ...withNull({ ...forms[type], ...limits[type] }, true), ...length, ...initial };
}

function plainDefault(type: AttributeType, value: Attribute["default"]): JsonSchema {
  const isPlain = value !== undefined && !/^(datetime|date|json|blob|xml)$/.test(type);
  return isPlain ? { default: value } : {};
}

function isAlwaysSet(declaration: Field["declaration"]): boolean {
  const { type } = declaration;
  // A moment may be before or after all time, for which JSON has no word.
  if ("expression" in declaration || type === "datetime" || !("column" in declaration)) return false;
  return declaration.required === true || declaration.default !== undefined;
}

function describeLink({ label, cardinality }: ReachedLink, description: string): JsonSchema {
  return cardinality === "one"
    ? { description: `${label}. ${description}`, type: ["object", "null"], additionalProperties: true }
    : { description: `${label}. ${description}`, type: "array", items: { type: "object", additionalProperties: true } };
}

function describeTexts(label: string, more: string | undefined): JsonSchema {
  return { description: more === undefined ? label : `${label}. ${more}` };
}

const forms: Readonly<Record<AttributeType, JsonSchema>> = {
  string: { type: "string" },
  memo: { type: "string" },
  boolean: { type: "boolean" },
  byte: { type: "integer" },
  short: { type: "integer" },
  long: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number" },
  date: { type: "string", format: "date" },
  datetime: { type: "string", format: "date-time" },
  time: { type: "string" },
  timespan: { type: "integer", format: "int64" },
  uuid: { type: "string", format: "uuid" },
  blob: { type: "string", contentEncoding: "base64" },
  json: {},
  xml: { type: "string", contentMediaType: "application/xml" },
};

const limits: Readonly<Partial<Record<AttributeType, JsonSchema>>> = {
  byte: { minimum: -128, maximum: 127 },
  short: { minimum: -32_768, maximum: 32_767 },
  long: { minimum: -2_147_483_648, maximum: 2_147_483_647 },
  int64: { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
};

function withNull(form: JsonSchema, isNullable: boolean): JsonSchema {
  return isNullable && typeof form.type === "string" ? { ...form, type: [form.type, "null"] } : form;
}

/** `location/city` stands in an object `location`. */
function nest(entries: readonly Entry[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const groups = new Map<string, Entry[]>();
  for (const [path, described] of entries) {
    const slash = path.indexOf("/");
    if (slash === -1) properties[path] = described;
    else {
      const group = path.slice(0, slash);
      groups.set(group, [...(groups.get(group) ?? []), [path.slice(slash + 1), described]]);
    }
  }
  for (const [group, below] of groups) properties[group] ??= nest(below);
  return { type: "object", properties, additionalProperties: false };
}
