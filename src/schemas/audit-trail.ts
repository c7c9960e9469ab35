/** Who changed what and when. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const auditTrail = defineSchema({
  namespace: "xtk",
  name: "auditTrail",
  label: "Audit trail",
  labelSingular: "Entry of the audit trail",
  table: "xtk_audit_trail",
  attributes: {
    id: { type: "int64", column: "audit_trail_id", label: "Primary key", sequenceCache: 50 },
    created: { type: "datetime", column: "created", label: "Date", default: "now" },
    "operator-id": { type: "int64", column: "operator_id", label: "Operator", default: 0 },
    login: { type: "string", column: "login", label: "Login", default: "" },
    address: { type: "string", column: "address", label: "Address", default: "" },
    action: {
      type: "string",
      column: "action",
      label: "Action",
      description: "insert, update, delete, or what happened to an account: logon, passwordChanged, tokenCreated.",
      required: true,
    },
    schemaName: { type: "string", column: "schema_name", label: "Schema", default: "" },
    entityKey: { type: "string", column: "entity_key", label: "Key", default: "" },
    entityLabel: { type: "string", column: "entity_label", label: "Entity", default: "" },
    changes: {
      type: "json",
      column: "changes",
      label: "Changes",
      description: "For each field that changed, what it was and what it became; secrets only by name.",
      default: "{}",
    },
  },
  keys: [{ attributes: ["id"] }],
  links: { operator: linkToOne("Operator", "xtk:operator", "operator-id") },
  indexes: [
    { name: "xtk_audit_trail_entity", attributes: ["schemaName", "entityKey", "id"] },
    { name: "xtk_audit_trail_created", attributes: ["created"] },
  ],
  computeString: "@login + ' ' + @action + ' ' + @entityLabel",
  access: { read: "admin", write: "server" },
  restName: "audit-trail",
});
