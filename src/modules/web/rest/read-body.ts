/** Reads the body of a request as JSON. */

import { bodyTooLarge, bodyTypeRefused, jsonUnreadable } from "./errors.ts";
import { isJsonList, isJsonObject, type Json, type JsonObject, kindOfJson } from "./json/json.ts";
import { jsonLimits, parseJson } from "./json/parse-json.ts";
import { type FieldError, refuse, refuseFields } from "./refusal.ts";
import type { OpenCall } from "./rest-call.ts";

type BodyCall = Pick<OpenCall, "request">;

const jsonTypes = /^application\/(?:json|merge-patch\+json)\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const lineTypes = /^application\/(?:x-ndjson|jsonl|x-jsonlines)\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/** @throws bodyTypeRefused, jsonUnreadable, bodyTooLarge */
export function readJsonBody(call: BodyCall): Json {
  requireType(call, jsonTypes, "application/json");
  return parseJson(textOf(call));
}

/**
 * The body as one object; an empty one stands for no members where `mayBeEmpty`.
 * @throws as readJsonBody, requestInvalid
 */
export function readObjectBody(call: BodyCall, mayBeEmpty?: "mayBeEmpty"): JsonObject {
  if (mayBeEmpty !== undefined && isEmpty(call)) return new Map();
  return asObject(readJsonBody(call));
}

/** The body as a list of objects: a JSON array, or one object on each line. */
export function readListBody(call: BodyCall): readonly JsonObject[] {
  const items = lineTypes.test(typeOf(call)) ? readLines(call) : readArray(call);
  const errors: FieldError[] = [];
  const objects = items.flatMap((item, index) => {
    if (isJsonObject(item)) return [item];
    errors.push({ item: index, field: "", message: `It must be an object, not ${kindOfJson(item)}.` });
    return [];
  });
  if (errors.length > 0) throw refuseFields(errors);
  return objects;
}

function readArray(call: BodyCall): readonly Json[] {
  requireType(
    call,
    jsonTypes,
    "application/json (a list of objects) or application/x-ndjson (one object on each line)",
  );
  const value = parseJson(textOf(call));
  if (isJsonList(value)) return value;
  throw refuseFields([{ field: "", message: `The body must be a list of objects, not ${kindOfJson(value)}.` }]);
}

/** A line is read by the limits of a document; lines by those of a list. */
function readLines(call: BodyCall): readonly Json[] {
  requireType(call, lineTypes, "application/x-ndjson");
  const items: Json[] = [];
  for (const line of textOf(call).split("\n")) {
    if (line.trim() !== "") items.push(parseJson(line));
    if (items.length > jsonLimits.maxItems)
      throw refuse(bodyTooLarge({ limit: `it has more than ${jsonLimits.maxItems} lines` }), { status: 413 });
  }
  return items;
}

function asObject(value: Json): JsonObject {
  if (isJsonObject(value)) return value;
  throw refuseFields([{ field: "", message: `The body must be an object, not ${kindOfJson(value)}.` }]);
}

function isEmpty({ request }: BodyCall): boolean {
  return !(request.body instanceof Buffer) || request.body.length === 0;
}

function textOf({ request }: BodyCall): string {
  const bytes = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse(jsonUnreadable({ problem: "it is not UTF-8", at: 0 }), { status: 400 });
  }
}

function typeOf({ request }: BodyCall): string {
  return request.headers["content-type"] ?? "";
}

/** Node keeps the first of several Content-Type headers: which one is meant cannot be known. */
function requireType(call: BodyCall, types: RegExp, accepted: string): void {
  const { raw } = call.request;
  const encoding = raw.headers["content-encoding"];
  const isEncoded = encoding !== undefined && encoding !== "identity";
  const isAmbiguous = (raw.headersDistinct["content-type"]?.length ?? 0) > 1;
  if (isEncoded || isAmbiguous || !types.test(typeOf(call)))
    throw refuse(bodyTypeRefused({ accepted }), { status: 415 });
}
