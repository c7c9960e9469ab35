/** Describes what can be done with one entity. */

import type { Schema } from "#schemas/schema.ts";

import { bulkOperations } from "../entities/bulk-write.ts";
import { answer, etagHeader, refusals, refusalsOfWriting } from "./common-parts.ts";
import { requiredFields } from "./describe-fields.ts";
import { type JsonSchema, refTo } from "./json-schema.ts";

export type DescribedEntity = {
  /** `recipients`. */
  readonly name: string;
  readonly schema: Schema;
  /** What its schemas are called: `Recipient`, and `RecipientInput`. */
  readonly component: string;
  readonly mayWrite: boolean;
};

type Paths = Record<string, Record<string, object>>;

/** The paths of an entity with their operations. */
export function describeEntityPaths(entity: DescribedEntity): Paths {
  const { name, mayWrite } = entity;
  const row = { get: getOne(entity), ...(mayWrite ? { patch: update(entity), delete: remove(entity) } : {}) };
  const rows = { get: list(entity), ...(mayWrite ? { post: create(entity) } : {}) };
  return {
    [`/api/v1/${name}`]: rows,
    [`/api/v1/${name}/{id}`]: { parameters: [refTo("parameters", "Id")], ...row },
    ...(mayWrite ? { [`/api/v1/${name}/bulk`]: { post: bulk(entity) } } : {}),
  };
}

const parameters = (...names: string[]): object[] => names.map((name) => refTo("parameters", name));

function operation({ name, component }: DescribedEntity, verb: string, summary: string): object {
  return { operationId: `${verb}${component}`, summary, tags: [name] };
}

function list(entity: DescribedEntity): object {
  const items = { type: "array", items: refTo("schemas", entity.component) };
  const page: JsonSchema = {
    type: "object",
    required: ["items"],
    properties: {
      items,
      next: { type: "string", description: "The address of the page that follows; absent after the last one." },
      count: { type: "integer", description: "How many rows there are, when count=true asks for it." },
    },
    additionalProperties: false,
  };
  const link = { Link: { description: 'The page that follows, rel="next".', schema: { type: "string" } } };
  return {
    ...operation(entity, "list", `${entity.schema.label}, page by page`),
    parameters: parameters("Filter", "Equals", "Fields", "Sort", "Limit", "After", "Count", "IfNoneMatch"),
    responses: { "200": answer("A page.", page, { ...etagHeader, ...link }), ...notModified, ...refusals() },
  };
}

const notModified = { "304": { description: "What the client has is still right." } };

function getOne(entity: DescribedEntity): object {
  return {
    ...operation(entity, "get", `One row: ${entity.schema.labelSingular}`),
    parameters: parameters("Fields", "IfNoneMatch"),
    responses: { "200": written(entity, "The row."), ...notModified, ...refusals() },
  };
}

function create(entity: DescribedEntity): object {
  const required = requiredFields(entity.schema);
  const input = inputOf(entity);
  const location = { Location: { description: "The address of the new row.", schema: { type: "string" } } };
  const row = answer("The new row; nothing with Prefer: return=minimal.", refTo("schemas", entity.component), {
    ...location,
    ...etagHeader,
  });
  return {
    ...operation(entity, "create", `A new row: ${entity.schema.labelSingular}`),
    parameters: parameters("IdempotencyKey", "Prefer"),
    requestBody: body(required.length === 0 ? input : { allOf: [input, { type: "object", required }] }),
    responses: { "201": row, ...refusalsOfWriting() },
  };
}

function update(entity: DescribedEntity): object {
  return {
    ...operation(entity, "update", "Changes what is given, and leaves the rest"),
    parameters: parameters("IfMatch", "Prefer"),
    requestBody: body(inputOf(entity)),
    responses: {
      "200": written(entity, "The row as it is now."),
      "204": { description: "It was changed, and the client wants no body." },
      ...refusalsOfWriting(412),
    },
  };
}

function remove(entity: DescribedEntity): object {
  return {
    ...operation(entity, "delete", "Deletes the row"),
    parameters: parameters("IfMatch"),
    responses: { "204": { description: "It is gone." }, ...refusals(409, 412, 413, 415) },
  };
}

function bulk(entity: DescribedEntity): object {
  const results = {
    type: "array",
    items: { type: "object", properties: { effect: refTo("schemas", "Effect") }, required: ["effect"] },
  };
  const done: JsonSchema = {
    type: "object",
    required: ["written"],
    properties: { written: { type: "integer", description: "Rows that were changed." }, results },
    additionalProperties: false,
  };
  const items = { type: "array", maxItems: 10_000, items: inputOf(entity) };
  return {
    ...operation(entity, "bulk", "Many rows at once, all or nothing"),
    parameters: [
      {
        name: "operation",
        in: "query",
        description: "What is to be done with each.",
        schema: { enum: bulkOperations, default: "insertOrUpdate" },
      },
      {
        name: "key",
        in: "query",
        description:
          "Fields that rows are found by, with commas between; without it the first key that is given whole.",
        schema: { type: "string" },
      },
      ...parameters("IdempotencyKey", "Prefer"),
    ],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: items },
        "application/x-ndjson": { schema: { type: "string", description: "One object on each line." } },
      },
    },
    responses: { "200": answer("What was done with each, in the order of the request.", done), ...refusalsOfWriting() },
  };
}

function inputOf({ component }: DescribedEntity): JsonSchema {
  return refTo("schemas", `${component}Input`);
}

function written({ component }: DescribedEntity, description: string): object {
  return answer(description, refTo("schemas", component), etagHeader);
}

function body(schema: JsonSchema): object {
  return { required: true, content: { "application/json": { schema } } };
}
