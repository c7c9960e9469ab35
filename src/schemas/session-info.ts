/** Who is logged on; tokens are kept as hashes only. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const sessionInfo = defineSchema({
  namespace: "xtk",
  name: "sessionInfo",
  label: "Sessions",
  labelSingular: "Session",
  table: "xtk_session_info",
  attributes: {
    id: { type: "int64", column: "session_info_id", label: "Primary key", sequenceCache: 20 },
    tokenHash: { type: "blob", column: "token_hash", label: "Token hash", required: true, isInternal: true },
    "operator-id": { type: "int64", column: "operator_id", label: "Operator", required: true },
    credentialHash: {
      type: "blob",
      column: "credential_hash",
      label: "Credential hash",
      description: "A hash of the password hash at logon: a session ends when the password changes, on whatever road",
      required: true,
      isInternal: true,
    },
    isRemembered: { type: "boolean", column: "is_remembered", label: "Kept for long", default: false },
    remoteAddress: { type: "string", column: "remote_address", label: "Remote address", default: "" },
    zone: {
      type: "string",
      column: "zone",
      label: "Security zones",
      description: "Those the address belonged to at logon.",
      default: "",
    },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
    lastAccess: { type: "datetime", column: "last_access", label: "Last access", default: "now" },
    expires: { type: "datetime", column: "expires", label: "Expires", required: true },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["tokenHash"] }],
  links: {
    operator: linkToOne("Operator", "xtk:operator", "operator-id", { reverse: "sessionInfo" }),
  },
  indexes: [
    { name: "xtk_session_info_expires", attributes: ["expires"] },
    { name: "xtk_session_info_operator", attributes: ["operator-id"] },
  ],
  access: { read: "admin", write: "server" },
  restName: "sessions",
});
