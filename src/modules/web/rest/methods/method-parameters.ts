/** Parameters of methods as JSON: by their names, each by its type; XML as text. */

import { SoapError } from "#protocols/soap/soap-error.ts";
import { isDocumentType, type ParameterValue, readParameter } from "#protocols/soap/parameter-types.ts";
import { readXml } from "#protocols/soap/read-xml.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import type { MethodParameter } from "#schemas/schema.ts";
import type { ServiceMethod } from "#schemas/service.ts";

import { soapType } from "../../soap/parameter-names.ts";
import { isJsonList, isJsonObject, type Json, type JsonObject, kindOfJson, writeJson } from "../json/json.ts";
import { type FieldError, refuseFields } from "../refusal.ts";

/** The member that holds the document a method without a table is called on. */
export const documentMember = "document";

/**
 * Reads the inputs in declared order; one that is absent or null is empty.
 * @throws requestInvalid
 */
export function readInputs(
  { parameters }: ServiceMethod,
  given: JsonObject,
  takesDocument: boolean,
): { inputs: ParameterValue[]; document: XmlElement | undefined } {
  const taken = parameters.filter(({ direction }) => direction !== "out");
  const errors: FieldError[] = [];
  const known = new Set([...taken.map(({ name }) => name), ...(takesDocument ? [documentMember] : [])]);
  for (const name of given.keys())
    if (!known.has(name)) errors.push({ field: name.slice(0, 100), message: "There is no parameter of this name." });
  const inputs = taken.map((parameter) => {
    const value = readInput(parameter, given.get(parameter.name) ?? null);
    if (!isProblem(value)) return value;
    errors.push({ field: parameter.name, message: value.problem });
    return undefined;
  });
  const document = takesDocument ? readXmlText(given.get(documentMember) ?? null) : undefined;
  if (isProblem(document)) errors.push({ field: documentMember, message: document.problem });
  if (errors.length > 0) throw refuseFields(errors);
  return { inputs, document: isProblem(document) ? undefined : document };
}

/** The outputs by name. */
export function writeOutputs(
  { parameters }: ServiceMethod,
  outputs: readonly ParameterValue[],
): Record<string, unknown> {
  const given = parameters.filter(({ direction }) => direction !== "in");
  return Object.fromEntries(given.map(({ name }, index) => [name, writeOutput(outputs[index])]));
}

type Problem = { readonly problem: string };

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "problem" in value;
}

function readInput({ name, type }: MethodParameter, value: Json): ParameterValue | Problem {
  const soap = soapType(type);
  if (value === null) return readParameter(soap, name, undefined);
  if (isDocumentType(soap)) return readXmlText(value);
  const text = type === "json" && typeof value !== "string" ? writeJson(value) : textOf(soap, value);
  if (text === undefined) return { problem: `It must be ${wanted[soap] ?? "a text"}, not ${kindOfJson(value)}.` };
  try {
    return readParameter(soap, name, anElement(name, {}, text));
  } catch (error) {
    if (error instanceof SoapError) return { problem: `It must be ${wanted[soap] ?? "a text"}.` };
    throw error;
  }
}

const wanted: Readonly<Partial<Record<string, string>>> = {
  boolean: "true or false",
  byte: "a whole number from -128 to 127",
  short: "a whole number from -32768 to 32767",
  long: "a whole number from -2147483648 to 2147483647",
  int64: "a whole number",
  double: "a number",
  float: "a number",
  datetime: "a moment such as 2024-02-29T10:11:12Z",
  date: "a day such as 2024-02-29",
};

function textOf(type: string, value: Json): string | undefined {
  if (isJsonList(value) || isJsonObject(value)) return undefined;
  const kind =
    type === "boolean" ? "boolean" : /^(byte|short|long|int64|double|float)$/.test(type) ? "number" : "string";
  // An id is a text in some methods and a number in others: clients need not care.
  const isId = typeof value === "number" && Number.isSafeInteger(value) && type === "string";
  const isText = typeof value === kind || isId || (type === "int64" && typeof value === "string");
  return isText ? String(value) : undefined;
}

function readXmlText(value: Json): XmlElement | undefined | Problem {
  if (value === null || value === "") return undefined;
  if (typeof value !== "string") return { problem: `It must be XML as a text, not ${kindOfJson(value)}.` };
  try {
    return readXml(value);
  } catch (error) {
    if (error instanceof SoapError) return { problem: `It must be XML: ${error.message}.` };
    throw error;
  }
}

function writeOutput(value: ParameterValue): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === "object" ? writeXml(value) : (value ?? null);
}
