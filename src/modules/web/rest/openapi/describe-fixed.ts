/** Describes what is there beside the entities: the index, the session, API tokens, this description. */

import { scopePattern } from "../scopes.ts";
import { answer, etagHeader, refusals, refusalsOfWriting } from "./common-parts.ts";
import { type JsonSchema, refTo } from "./json-schema.ts";

const moment: JsonSchema = { type: ["string", "null"], format: "date-time" };
const scopes: JsonSchema = {
  type: "array",
  maxItems: 50,
  items: { type: "string", pattern: scopePattern },
  examples: [["recipients:read", "recipients:write"], ["read", "methods"], ["*"]],
};

export const fixedSchemas: Readonly<Record<string, JsonSchema>> = {
  Index: {
    title: "What is here",
    type: "object",
    required: ["name", "version", "documentation", "openapi", "entities", "services"],
    properties: {
      name: { type: "string" },
      version: { type: "string" },
      documentation: { type: "string" },
      openapi: { type: "string" },
      session: { type: "string" },
      apiTokens: { type: "string" },
      entities: { type: "array", items: { type: "object" } },
      services: { type: "array", items: { type: "object" } },
    },
    additionalProperties: false,
  },
  Session: {
    title: "Who calls",
    type: "object",
    required: ["login", "label", "rights", "scopes"],
    properties: {
      login: { type: "string" },
      label: { type: "string" },
      rights: { type: "array", items: { type: "string" } },
      scopes: { type: "array", items: { type: "string" } },
      securityToken: { type: "string", description: "For the header X-Security-Token; for sessions only." },
    },
    additionalProperties: false,
  },
  ApiToken: {
    title: "An API token",
    type: "object",
    required: ["id", "label", "hint", "login", "scopes", "isRevoked", "created", "expires", "lastUsed", "lastAddress"],
    properties: {
      id: { type: "integer" },
      label: { type: "string", description: "What it is for." },
      hint: { type: "string", description: "How it begins." },
      login: { type: "string", description: "On whose behalf it acts." },
      scopes: { type: "array", items: { type: "string" } },
      isRevoked: { type: "boolean" },
      created: moment,
      expires: moment,
      lastUsed: moment,
      lastAddress: { type: "string" },
    },
    additionalProperties: false,
  },
  NewApiToken: {
    title: "A new API token",
    type: "object",
    required: ["id", "label", "scopes", "expires", "token"],
    properties: {
      id: { type: "integer" },
      label: { type: "string" },
      scopes: { type: "array", items: { type: "string" } },
      expires: moment,
      token: { type: "string", description: "Shown now and never again." },
    },
    additionalProperties: false,
  },
  ApiTokenInput: {
    title: "An API token that is wanted",
    type: "object",
    required: ["label", "scopes"],
    properties: { label: { type: "string", minLength: 1, maxLength: 200, pattern: "\\S" }, scopes, expires: moment },
    additionalProperties: false,
  },
};

const tokenList: JsonSchema = {
  type: "object",
  required: ["items"],
  properties: { items: { type: "array", items: refTo("schemas", "ApiToken") } },
  additionalProperties: false,
};

const notModified = { "304": { description: "What the client has is still right." } };

export const fixedPaths: Readonly<Record<string, Record<string, object>>> = {
  "/api/v1": {
    get: {
      operationId: "getIndex",
      summary: "Entities, their links, and methods",
      tags: ["about"],
      responses: {
        "200": answer("What is here.", refTo("schemas", "Index"), etagHeader),
        ...notModified,
        ...refusals(),
      },
    },
  },
  "/api/v1/openapi.json": {
    get: {
      operationId: "getDescription",
      summary: "This description",
      tags: ["about"],
      responses: { "200": answer("OpenAPI 3.1.", { type: "object" }, etagHeader), ...notModified, ...refusals() },
    },
  },
  "/api/v1/session": {
    get: {
      operationId: "getSession",
      summary: "Who the caller is, and the token that goes with his changes",
      tags: ["about"],
      responses: { "200": answer("The caller.", refTo("schemas", "Session")), ...refusals() },
    },
  },
  "/api/v1/api-tokens": {
    get: {
      operationId: "listApiTokens",
      summary: "The caller's API tokens",
      tags: ["api-tokens"],
      parameters: [
        {
          name: "all",
          in: "query",
          description: "For administrators: those of everyone.",
          schema: { type: "boolean" },
        },
      ],
      responses: { "200": answer("The tokens, the newest first.", tokenList), ...refusals() },
    },
    post: {
      operationId: "createApiToken",
      summary: "Makes an API token",
      description: "It is shown in this answer and never again. For a session only, not for a token.",
      tags: ["api-tokens"],
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: refTo("schemas", "ApiTokenInput"),
            example: {
              label: "Shop",
              scopes: ["recipients:read", "recipients:write"],
              expires: "2030-01-31T00:00:00Z",
            },
          },
        },
      },
      responses: { "201": answer("The token.", refTo("schemas", "NewApiToken")), ...refusalsOfWriting() },
    },
  },
  "/api/v1/api-tokens/{id}": {
    delete: {
      operationId: "revokeApiToken",
      summary: "Revokes an API token at once",
      tags: ["api-tokens"],
      parameters: [
        {
          name: "id",
          in: "path",
          required: true,
          description: "Of the token.",
          schema: { type: "string", minLength: 1 },
        },
      ],
      responses: { "204": { description: "It is revoked." }, ...refusals(413, 415) },
    },
  },
};
