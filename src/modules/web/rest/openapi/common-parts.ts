/** What many operations share: parameters, refusals, ways to say who calls. */

import { STATUS_CODES } from "node:http";

import { problemType } from "../problem.ts";
import { type JsonSchema, refTo } from "./json-schema.ts";

export const commonSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: {
    title: "Problem",
    description: "RFC 9457. `code` says which problem it is, `detail` what to do, `errors` which values are wrong.",
    type: "object",
    required: ["type", "title", "status", "detail", "code", "requestId"],
    properties: {
      type: { const: "about:blank" },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
      code: { type: "string", examples: ["WEB-100121"] },
      requestId: { type: "string", description: "Also in the header X-Request-Id and in the log of web." },
      errors: { type: "array", items: refTo("schemas", "FieldError") },
    },
  },
  FieldError: {
    title: "What is wrong with one value",
    type: "object",
    required: ["field", "message"],
    properties: {
      field: { type: "string", examples: ["location/city"] },
      message: { type: "string" },
      item: { type: "integer", description: "Of several entities the one that is wrong, from 0." },
    },
    additionalProperties: false,
  },
  Effect: { enum: ["inserted", "updated", "deleted", "found", "nothing"], title: "What was done with a row" },
};

type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly description: string;
  readonly schema: JsonSchema;
} & {
  readonly required?: boolean;
  readonly example?: unknown;
  readonly style?: string;
  readonly explode?: boolean;
};

const inQuery = (name: string, description: string, schema: JsonSchema, example?: unknown): Parameter => ({
  name,
  in: "query",
  description,
  schema,
  ...(example === undefined ? {} : { example }),
});

const inHeader = (name: string, description: string, schema: JsonSchema): Parameter => ({
  name,
  in: "header",
  description,
  schema,
});

export const commonParameters: Readonly<Record<string, Parameter>> = {
  Id: {
    name: "id",
    in: "path",
    required: true,
    description:
      "The primary key (`17`; parts of a key of several with commas between), or another key of the entity as `field=value` (`name=customers`).",
    schema: { type: "string", minLength: 1 },
    example: "17",
  },
  // Examples stand in the fields of the page that tries the interface out: those here fit every entity.
  Filter: inQuery("filter", "A condition in the expression language, such as `@created > DaysAgo(30)`.", {
    type: "string",
    maxLength: 100_000,
  }),
  Equals: {
    name: "equals",
    in: "query",
    description:
      "Any field by its path: `email=ann@example.com`, `folder/name=customers`. Several of one field: any of them. An empty one: the field is empty.",
    style: "form",
    explode: true,
    schema: { type: "object", additionalProperties: { type: "string" } },
    example: {},
  },
  Fields: inQuery(
    "fields",
    "Fields with commas between, also through links: `email,folder/name`. `*`: all. Without it all; in lists all but long texts and documents.",
    { type: "string" },
  ),
  Sort: inQuery("sort", "Fields with commas between; `-` before one: descending, such as `-created,id`.", {
    type: "string",
  }),
  Limit: inQuery("limit", "Most rows of the page.", { type: "integer", minimum: 1, maximum: 10_000, default: 100 }, 20),
  After: inQuery("after", "Where the page before ended; take it from `next`.", { type: "string" }),
  Count: inQuery("count", "Whether all rows that meet the conditions are counted.", {
    type: "boolean",
    default: false,
  }),
  IfMatch: inHeader("If-Match", "The ETag that was read: the change is made only when nothing has changed since.", {
    type: "string",
  }),
  IfNoneMatch: inHeader("If-None-Match", "An ETag: 304 without a body when it is still that.", { type: "string" }),
  IdempotencyKey: inHeader(
    "Idempotency-Key",
    "A text of the client's own making, such as a UUID: sent again within a day with the same request, it gets the same answer and changes nothing.",
    { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~]{1,255}$" },
  ),
  Prefer: inHeader("Prefer", "`return=minimal`: no body in the answer.", {
    type: "string",
    enum: ["return=minimal", "return=representation"],
  }),
};

const refusalTexts: Readonly<Record<number, string>> = {
  400: "Something in the request is not right; `errors` says what.",
  401: "Nobody, or nobody we know any more.",
  403: "The operator may not, or the token is not for it.",
  404: "It is not there, or not for the caller.",
  406: "JSON only.",
  409: "It contradicts what is stored, or a request with the same Idempotency-Key is under way.",
  412: "It was changed in the meantime.",
  413: "Too much for one request.",
  415: "The body is of another type.",
  422: "It cannot be carried out, is not available yet, or the Idempotency-Key came with another request before.",
  429: "Too often; Retry-After says when to come again.",
  503: "The database does not answer at the moment.",
};

export const commonResponses = Object.fromEntries(
  Object.entries(refusalTexts).map(([status, description]) => [
    `Refusal${status}`,
    {
      description,
      content: { [problemType]: { schema: refTo("schemas", "Problem"), example: exampleOf(Number(status)) } },
    },
  ]),
);

function exampleOf(status: number): object {
  const title = STATUS_CODES[status] ?? "";
  const detail = refusalTexts[status] ?? "";
  return { type: "about:blank", title, status, detail, code: "WEB-100121", requestId: "7f9c24e8" };
}

const anywhere = [400, 401, 403, 404, 406, 422, 429, 503];

/** The refusals of an operation; `more` beside those that any has. */
export function refusals(...more: readonly number[]): Record<string, object> {
  return Object.fromEntries(
    [...anywhere, ...more].map((status) => [String(status), refTo("responses", `Refusal${status}`)]),
  );
}

/** Refusals of an operation that takes a body. */
export function refusalsOfWriting(...more: readonly number[]): Record<string, object> {
  return refusals(409, 413, 415, ...more);
}

/** An answer with a JSON body. */
export function answer(description: string, schema: JsonSchema, headers?: Readonly<Record<string, object>>): object {
  return { description, ...(headers === undefined ? {} : { headers }), content: { "application/json": { schema } } };
}

export const etagHeader = { ETag: { description: "Changes whenever the answer does.", schema: { type: "string" } } };

export const securitySchemes = {
  apiToken: { type: "http", scheme: "bearer", description: "An API token: `pr_...`." },
  sessionToken: { type: "apiKey", in: "header", name: "X-Session-Token", description: "As Logon answers it." },
  sessionCookie: { type: "apiKey", in: "cookie", name: "__sessiontoken", description: "The console's session." },
  securityToken: {
    type: "apiKey",
    in: "header",
    name: "X-Security-Token",
    description: "As Logon or /session answer it.",
  },
} as const;

export const security: readonly Readonly<Record<string, readonly string[]>>[] = [
  { apiToken: [] },
  { sessionToken: [], securityToken: [] },
  { sessionCookie: [], securityToken: [] },
];
