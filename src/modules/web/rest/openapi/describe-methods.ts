/** Describes the methods of services. */

import type { MethodParameter } from "#schemas/schema.ts";

import { documentMember } from "../methods/method-parameters.ts";
import type { RestMethod } from "../methods/rest-methods.ts";
import { answer, refusalsOfWriting } from "./common-parts.ts";
import { type JsonSchema, refTo } from "./json-schema.ts";

/** The path of a method with its operation. */
export function describeMethodPath(method: RestMethod): [path: string, operations: Record<string, object>] {
  const { resource, name, schema, declaration } = method;
  const isOnRow = schema !== undefined;
  const path = isOnRow ? `/api/v1/${resource}/{id}/${name}` : `/api/v1/${resource}/${name}`;
  const operation = {
    operationId: `${resource}.${name}`,
    summary: declaration.label,
    description: describeTexts(method),
    tags: [resource],
    ...(declaration.access === "anonymous" ? { security: [{}] } : {}),
    parameters: [...(isOnRow ? [refTo("parameters", "Id")] : []), refTo("parameters", "IdempotencyKey")],
    requestBody: { required: false, content: { "application/json": { schema: describeInputs(method) } } },
    responses: {
      ...(declaration.notYet === undefined ? describeAnswers(method) : {}),
      ...refusalsOfWriting(),
    },
  };
  return [path, { post: operation }];
}

function describeTexts({ service, declaration }: RestMethod): string {
  const { description, notYet, access } = declaration;
  const right =
    typeof access === "object"
      ? `Needs the right ${access.right}.`
      : access === "admin"
        ? "Needs the right admin."
        : undefined;
  const unavailable = notYet === undefined ? undefined : `Not available yet. ${notYet}`;
  const soap = `In SOAP: ${service}#${declaration.name}.`;
  return [description, right, unavailable, soap].filter((text) => text !== undefined).join(" ");
}

function describeInputs({ declaration, schema, keyParameter }: RestMethod): JsonSchema {
  const taken = declaration.parameters.filter(({ direction, name }) => direction !== "out" && name !== keyParameter);
  const entries = taken.map((parameter): [string, JsonSchema] => [parameter.name, describeParameter(parameter, true)]);
  const takesDocument = !declaration.isStatic && schema === undefined;
  const document: JsonSchema = {
    type: ["string", "null"],
    contentMediaType: "application/xml",
    description: "What the method is called on, as XML.",
  };
  const properties = { ...Object.fromEntries(entries), ...(takesDocument ? { [documentMember]: document } : {}) };
  return { type: "object", properties, additionalProperties: false };
}

function describeAnswers({ declaration }: RestMethod): Record<string, object> {
  const given = declaration.parameters.filter(({ direction }) => direction !== "in");
  const entries = given.map((parameter): [string, JsonSchema] => [parameter.name, describeParameter(parameter, false)]);
  const document: JsonSchema = {
    type: "string",
    contentMediaType: "application/xml",
    description: "The entity as it is now.",
  };
  const outputs: JsonSchema = {
    type: "object",
    properties: { ...Object.fromEntries(entries), [documentMember]: document },
    required: given.map(({ name }) => name),
    additionalProperties: false,
  };
  return {
    "200": answer("What the method answers.", outputs),
    "204": { description: "Done; there is nothing to answer." },
  };
}

function describeParameter({ type, description }: MethodParameter, isInput: boolean): JsonSchema {
  const texts = description === undefined ? {} : { description };
  return { ...texts, ...(isInput && type === "json" ? {} : formOf(type, isInput)) };
}

function formOf(type: MethodParameter["type"], isInput: boolean): JsonSchema {
  switch (type) {
    case "boolean":
      return { type: ["boolean", "null"] };
    case "byte":
    case "short":
    case "long":
      return { type: ["integer", "null"] };
    case "int64":
    case "timespan":
      return { type: isInput ? ["integer", "null"] : ["integer", "string", "null"], format: "int64" };
    case "double":
    case "float":
      return { type: ["number", "null"] };
    case "datetime":
      return { type: ["string", "null"], format: "date-time" };
    case "date":
      return { type: ["string", "null"], format: "date" };
    case "DOMDocument":
    case "DOMElement":
    case "xml":
      return { type: ["string", "null"], contentMediaType: "application/xml" };
    case "string":
    case "memo":
    case "primarykey":
    case "time":
    case "uuid":
    case "blob":
    case "json":
      return { type: ["string", "null"] };
  }
}
