/** Accounts at other servers: mailboxes of bounces, file servers, other instances. */

import { externalAccountTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { dataField, folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const extAccount = defineSchema({
  namespace: "nms",
  name: "extAccount",
  label: "External accounts",
  labelSingular: "External account",
  table: "nms_ext_account",
  attributes: {
    id: { type: "int64", column: "ext_account_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    type: {
      type: "short",
      column: "type",
      label: "Type",
      default: 0,
      enumeration: enumerate("extAccountType", externalAccountTypes),
    },
    active: { type: "boolean", column: "is_active", label: "Enabled", default: true },
    server: { type: "string", column: "server", label: "Server", default: "", length: 255 },
    port: { type: "long", column: "port", label: "Port", description: "0 = the usual one.", default: 0 },
    account: { type: "string", column: "account", label: "Account", default: "", length: 255 },
    password: { type: "string", column: "password", label: "Password", length: 1000, isSecret: true },
    provider: { type: "string", column: "provider", label: "Provider", default: "", length: 100 },
    ...stamps,
    ...dataField,
  },
  dataFields: {
    encryption: {
      type: "string",
      label: "Encryption",
      description: "Empty, starttls or tls.",
      default: "",
      length: 20,
    },
    parameters: {
      type: "json",
      label: "Parameters",
      description: "What this type of account needs beyond.",
      default: "{}",
    },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...folderLink("extAccount"),
    ...stampLinks,
    delivery: linkToMany("Deliveries", "nms:delivery", "deliveryProvider-id", {
      reverse: "deliveryProvider",
      integrity: "define",
    }),
  },
  computeString: "@label",
  folderAttribute: "folder-id",
  access: { read: "admin", write: "admin" },
  isAudited: true,
  restName: "external-accounts",
});
