/** Tokens with which programs call the REST interface on behalf of an operator; kept as hashes only. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const apiToken = defineSchema({
  namespace: "xtk",
  name: "apiToken",
  label: "API tokens",
  labelSingular: "API token",
  table: "xtk_api_token",
  attributes: {
    id: { type: "int64", column: "api_token_id", label: "Primary key", sequenceCache: 1 },
    name: { type: "string", column: "name", label: "Name", required: true, length: 200 },
    "operator-id": { type: "int64", column: "operator_id", label: "Operator", required: true },
    secretHash: { type: "blob", column: "secret_hash", label: "Secret hash", required: true, isInternal: true },
    hint: {
      type: "string",
      column: "hint",
      label: "Begins with",
      description: "Its first characters, so that its owner knows it again.",
      default: "",
      isReadOnly: true,
    },
    scopes: {
      type: "string",
      column: "scopes",
      label: "Scopes",
      description: "What a program may do with the token, never more than its operator may: words with spaces between.",
      default: "",
    },
    created: { type: "datetime", column: "created", label: "Created", default: "now", stamp: "created" },
    createdBy: { type: "string", column: "created_by", label: "Created by", default: "", isReadOnly: true },
    expires: { type: "datetime", column: "expires", label: "Expires" },
    lastUsed: { type: "datetime", column: "last_used", label: "Last used", isReadOnly: true },
    lastAddress: { type: "string", column: "last_address", label: "Last used from", default: "", isReadOnly: true },
    revoked: { type: "datetime", column: "revoked", label: "Revoked", isReadOnly: true },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["secretHash"] }],
  links: { operator: linkToOne("Operator", "xtk:operator", "operator-id", { reverse: "apiToken" }) },
  indexes: [{ name: "xtk_api_token_operator", attributes: ["operator-id"] }],
  computeString: "@name",
  access: { read: "admin", write: "server" },
});
