/** Answers that were given, so that a request sent twice is carried out once. */

import { enumerateWords } from "./enumeration.ts";
import { defineSchema } from "./schema.ts";

export const idempotencyKey = defineSchema({
  namespace: "xtk",
  name: "idempotencyKey",
  label: "Idempotency keys",
  labelSingular: "Idempotency key",
  description:
    "Answers by the key a client gave: the same request sent again gets the same answer, and changes nothing.",
  table: "xtk_idempotency_key",
  attributes: {
    keyHash: {
      type: "blob",
      column: "key_hash",
      label: "Key hash",
      description: "Of the operator and the key he gave.",
      required: true,
    },
    requestHash: { type: "blob", column: "request_hash", label: "Request hash", required: true },
    state: {
      type: "string",
      column: "state",
      label: "State",
      default: "running",
      enumeration: enumerateWords("state", ["running", "done"]),
    },
    status: { type: "short", column: "status", label: "HTTP status" },
    headers: { type: "json", column: "headers", label: "Headers", default: "{}" },
    body: { type: "memo", column: "body", label: "Body" },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
  },
  keys: [{ attributes: ["keyHash"] }],
  indexes: [{ name: "xtk_idempotency_key_created", attributes: ["created"] }],
  access: { read: "server", write: "server" },
  isHidden: true,
});
