/** Reads an object that a client wants stored: values by the fields' types, linked rows and rows behind links. */

import { isPostriderError } from "#foundation/errors.ts";
import type { EntityInput, Operation, RawValue } from "#datamodel/write/entity-input.ts";
import { readValue } from "#datamodel/write/parse-value.ts";
import { type Field, fieldsOf, findField } from "#schemas/fields.ts";
import { type DataField, type Schema, schemaId } from "#schemas/schema.ts";

import { isJsonList, isJsonObject, type Json, type JsonObject, kindOfJson, writeJson } from "../json/json.ts";
import type { FieldError } from "../refusal.ts";
import type { Reach } from "./reach.ts";

/** What a client may say about a nested object: what is to be done with it, and by which fields it is found. */
const operationMember = "_operation";
const keyMember = "_key";
const operations: readonly Operation[] = ["insert", "insertOrUpdate", "update", "delete", "none"];

export type InputContext = {
  readonly reach: Reach;
  /** What may be given beside the fields, such as an operator's password. */
  readonly extrasOf: (schema: Schema) => Readonly<Record<string, DataField>>;
  /** Where faults are gathered, all of them, so that a client can mend them at once. */
  readonly report: (error: FieldError) => void;
};

type Draft = {
  readonly values: Map<string, RawValue>;
  readonly links: Map<string, EntityInput>;
  readonly collections: Map<string, readonly EntityInput[]>;
  operation?: Operation;
  key?: readonly string[];
};

/** @param shown where the object stands in the request: empty, or `folder/` */
export function readInput(context: InputContext, schema: Schema, object: JsonObject, shown = ""): EntityInput {
  const draft: Draft = { values: new Map(), links: new Map(), collections: new Map() };
  readMembers(context, schema, object, draft, { path: "", shown });
  const { operation, key, ...rest } = draft;
  return {
    schema: schemaId(schema),
    ...rest,
    ...(operation === undefined ? {} : { operation }),
    ...(key === undefined ? {} : { key }),
  };
}

/** `path` is that within the schema, `shown` that within the request. */
type At = { readonly path: string; readonly shown: string };

function readMembers(context: InputContext, schema: Schema, object: JsonObject, draft: Draft, at: At): void {
  for (const [name, value] of object) {
    const [path, shown] = [at.path + name, at.shown + name];
    const field = findField(schema, path) ?? extraOf(context, schema, path);
    const link = at.path === "" ? context.reach.linkOf(schema, name) : undefined;
    if (field !== undefined && !(isJsonObject(value) && hasBelow(schema, path)))
      setValue(context, schema, field, value, draft, shown);
    else if (isJsonObject(value) && hasBelow(schema, path))
      readMembers(context, schema, value, draft, { path: `${path}/`, shown: `${shown}/` });
    else if (link?.cardinality === "one") setLink(context, link.target, name, value, draft, shown);
    else if (link !== undefined) setCollection(context, link.target, name, value, draft, shown);
    else if (at.shown !== "" && at.path === "" && (name === operationMember || name === keyMember))
      setMeta(context, name, value, draft, shown);
    else context.report({ field: shown.slice(0, 200), message: "There is no field or link of this name." });
  }
}

function extraOf({ extrasOf }: InputContext, schema: Schema, path: string): Field | undefined {
  const extras = extrasOf(schema);
  const declaration = Object.hasOwn(extras, path) ? extras[path] : undefined;
  return declaration && { path, type: declaration.type, label: declaration.label, kind: "data", declaration };
}

function hasBelow(schema: Schema, path: string): boolean {
  return fieldsOf(schema).some((field) => field.path.startsWith(`${path}/`));
}

function setValue(
  { report }: InputContext,
  schema: Schema,
  field: Field,
  value: Json,
  { values }: Draft,
  shown: string,
): void {
  if (field.kind === "computed") return report({ field: shown, message: "It is computed and cannot be written." });
  const raw = rawValue(field, value);
  if (raw === undefined)
    return report({ field: shown, message: `It must be ${wantedOf(field)}, not ${kindOfJson(value)}.` });
  try {
    readValue(field.path, field.declaration, raw, { schema: schemaId(schema) });
    values.set(field.path, raw);
  } catch (error) {
    if (!isPostriderError(error)) throw error;
    report({ field: shown, message: error.message });
  }
}

/** A value as the writer takes it; undefined when it is of the wrong kind. */
function rawValue({ type, declaration }: Field, value: Json): RawValue | undefined {
  if (value === null) return null;
  if (type === "json") return writeJson(value);
  if (isJsonList(value) || isJsonObject(value)) return undefined;
  const isNamed = "enumeration" in declaration && declaration.enumeration !== undefined && typeof value === "string";
  switch (type) {
    case "byte":
    case "short":
    case "long":
    case "int64":
    case "timespan":
      return isNamed || (typeof value === "number" && Number.isInteger(value)) ? value : undefined;
    case "double":
      return typeof value === "number" ? value : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "string":
    case "memo":
    case "xml":
    case "date":
    case "datetime":
    case "time":
    case "uuid":
    case "blob":
      return typeof value === "string" ? value : undefined;
  }
}

function wantedOf({ type, declaration }: Field): string {
  if ("enumeration" in declaration && declaration.enumeration !== undefined)
    return `one of ${declaration.enumeration.values.map(({ name }) => name).join(", ")}`;
  if (type === "boolean") return "true or false";
  if (type === "double") return "a number";
  return /^(byte|short|long|int64|timespan)$/.test(type) ? "a whole number" : "a text";
}

/** A linked row is found, not written, unless the client asks for more; null unlinks. */
function setLink(context: InputContext, target: Schema, name: string, value: Json, draft: Draft, shown: string): void {
  if (value === null) draft.links.set(name, emptyInput(target));
  else if (isJsonObject(value)) {
    const input = readInput(context, target, value, `${shown}/`);
    const { operation = "none" } = input;
    if (operation !== "none") admitWriting(context, target, shown);
    draft.links.set(name, { ...input, operation });
  } else
    context.report({
      field: shown,
      message: `It must be an object that names the linked row, or null, not ${kindOfJson(value)}.`,
    });
}

function admitWriting({ reach, report }: InputContext, target: Schema, shown: string): void {
  if (!reach.mayWrite(target))
    report({ field: shown, message: "This token is not for writing what the link leads to." });
}

function emptyInput(target: Schema): EntityInput {
  return { schema: schemaId(target), operation: "none", values: new Map(), links: new Map(), collections: new Map() };
}

function setCollection(
  context: InputContext,
  target: Schema,
  name: string,
  value: Json,
  draft: Draft,
  shown: string,
): void {
  if (!isJsonList(value))
    return context.report({ field: shown, message: `It must be a list, not ${kindOfJson(value)}.` });
  admitWriting(context, target, shown);
  const inputs = value.flatMap((item, index) => {
    if (isJsonObject(item)) return [readInput(context, target, item, `${shown}/${index}/`)];
    context.report({ field: `${shown}/${index}`, message: `It must be an object, not ${kindOfJson(item)}.` });
    return [];
  });
  draft.collections.set(name, inputs);
}

function setMeta(context: InputContext, name: string, value: Json, draft: Draft, shown: string): void {
  if (name === operationMember) {
    const operation = operations.find((known) => known === value);
    if (operation === undefined)
      context.report({ field: shown, message: `It must be one of ${operations.join(", ")}.` });
    else draft.operation = operation;
    return;
  }
  const paths = typeof value === "string" ? value.split(",") : undefined;
  if (paths === undefined || paths.length > 20)
    context.report({ field: shown, message: "It must be names of fields with commas between." });
  else draft.key = paths.map((path) => path.trim());
}
